export { BrokerHarness, type ConnectOptions } from "./broker-harness.js";
export { TestClient } from "./test-client.js";
