/** MQTT.js's optional arguments: options, a callback, or both. */
export function arguments3<Options extends object, Callback extends (...values: never[]) => void>(
  given: Options | Callback | null | undefined,
  last: Callback | undefined,
): [Options | Record<string, never>, Callback | undefined] {
  if (typeof given === "function") return [{}, given as Callback];
  return [(given as Options | null | undefined) ?? {}, last];
}
