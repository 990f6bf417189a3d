export { type ClientFactory, clientFactory } from "./client-factory.js";
export { type ConnectedClient, connectedClient } from "./connected-client.js";
export { ServerConnection } from "./server-connection.js";
export { VirtualEnvironment } from "./virtual-environment.js";
