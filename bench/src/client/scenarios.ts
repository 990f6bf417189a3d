/** What is measured of a client. */
export const CLIENT_SCENARIOS = [
  "publish QoS 0",
  "publish QoS 1",
  "receive QoS 0",
  "receive QoS 1",
  "memory of an idle client: heap",
  "memory of an idle client: resident",
] as const;
export type ClientScenario = (typeof CLIENT_SCENARIOS)[number];
