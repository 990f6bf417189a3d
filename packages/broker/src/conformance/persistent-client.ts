/**
 * A test client whose session outlives its connections, in every version of the protocol.
 */
import type { ProtocolVersion } from "@tidings/packet";
import type { BrokerHarness, ConnectOptions, TestClient } from "../testing/index.js";

/** Connects as `clientIdentifier` to a session that lasts an hour (5.0) or for ever; CONNACK is taken out. */
export function persistentClient(
  harness: BrokerHarness,
  protocolVersion: ProtocolVersion,
  clientIdentifier: string,
  properties: ConnectOptions["properties"] = {},
): TestClient {
  return harness.connected({
    protocolVersion,
    clientIdentifier,
    cleanStart: false,
    properties: protocolVersion === 5 ? { sessionExpiryInterval: 3600, ...properties } : undefined,
  });
}
