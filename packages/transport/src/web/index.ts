export { type ConnectWebSocketOptions, connectWebSocket } from "./connect-web-socket.js";
export type { GlobalWebSocket, GlobalWebSocketEvent } from "./global-web-socket.js";
