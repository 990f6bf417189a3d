export { type BrokerServer, createBrokerServer } from "./broker-server.js";
