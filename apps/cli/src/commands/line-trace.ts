/** `-d` in our own words: one line for each thing, on stderr. */
import { reasonHex } from "../reason-text.js";
import type { CommandTrace } from "./command-trace.js";

export function lineTrace(url: string, write: (line: string) => void): CommandTrace {
  return {
    connecting: () => write(`connecting to ${url}`),
    connected: (identifier) => write(`connected as ${identifier}`),
    lost: (reason, retryMs) =>
      write(
        `connection lost: ${reason}${retryMs === undefined ? "" : `; next try in ${(retryMs / 1000).toFixed(1)} s`}`,
      ),
    reconnected: (sessionPresent) => write(`connected again, ${sessionPresent ? "to the same" : "with a new"} session`),
    problem: (reason) => write(reason),
    publishing: (_number, { topic, qos, retain, payload }) =>
      write(`publish ${topic}: ${payload.length} bytes, QoS ${qos}${retain ? ", retained" : ""}`),
    published: (_number, { topic, qos }, reasonCode) => {
      if (qos > 0) write(`published ${topic}: ${reasonHex(reasonCode)}`);
    },
    subscribing: (_number, filters, qos) => write(`subscribe ${filters.join(", ")} at QoS ${qos}`),
    subscribed: (_number, granted) => write(`subscribed: ${granted.map((code) => reasonHex(code)).join(", ")}`),
    unsubscribing: (_number, filters) => write(`unsubscribe ${filters.join(", ")}`),
    unsubscribed: () => write("unsubscribed"),
    received: ({ topic, qos, retain, payload }) =>
      write(`received ${topic}: ${payload.length} bytes, QoS ${qos}${retain ? ", retained" : ""}`),
    disconnecting: () => write("disconnecting"),
  };
}
