/**
 * What a listener or a callback of the program throws is the program's: it comes up as an unhandled rejection, as it would
 * with MQTT.js as an uncaught exception, and disturbs nothing of the client.
 */
export function surfacing(task: () => void): void {
  try {
    task();
  } catch (cause) {
    void Promise.reject(cause);
  }
}
