export { AddressList, addressProblem } from "./address-list.js";
export { CONNECT_TIMEOUT_MS_DEFAULT, type ConnectOptions } from "./await-connection.js";
export { type ConnectTcpOptions, connectTcp } from "./connect-tcp.js";
export { type ConnectTlsOptions, connectTls } from "./connect-tls.js";
export { type ConnectUnixOptions, connectUnix } from "./connect-unix.js";
export { type ConnectWebSocketOptions, connectWebSocket } from "./connect-web-socket.js";
export { PROXY_HEADER_TIMEOUT_MS_DEFAULT } from "./gate.js";
export type { ListenerOptions, OnStream, PortOptions, ProxyProtocolOptions } from "./listen-options.js";
export { type ListenTcpOptions, listenTcp } from "./listen-tcp.js";
export { HANDSHAKE_TIMEOUT_MS_DEFAULT, type ListenTlsOptions, listenTls } from "./listen-tls.js";
export { type ListenUnixOptions, listenUnix } from "./listen-unix.js";
export { type ListenWebSocketOptions, listenWebSocket, type WebSocketListener } from "./listen-web-socket.js";
export { LINGER_MS_DEFAULT } from "./socket-stream.js";
export { type StreamFromSocketOptions, streamFromSocket } from "./stream-from-socket.js";
export { streamFromWebSocket } from "./stream-from-web-socket.js";
export {
  type ServerCertificate,
  type TlsListener,
  type TlsServerSettings,
  tlsServerOptions,
} from "./tls-server-options.js";
export type { WebSocketLike } from "./web-socket-like.js";
export { OUTBOUND_MESSAGE_BYTES_MAX } from "./web-socket-stream.js";
export {
  createWebSocketUpgrade,
  WEB_SOCKET_MAX_PAYLOAD_BYTES_DEFAULT,
  WEB_SOCKET_PATH_DEFAULT,
  type WebSocketUpgrade,
  type WebSocketUpgradeOptions,
} from "./web-socket-upgrade.js";
