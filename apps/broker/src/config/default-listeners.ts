/** What the broker listens on when nobody says otherwise, or only the command line does. */
import { HOST_DEFAULT } from "./check-whole.js";
import type { ListenerConfiguration } from "./listener-schema.js";

const PORT_DEFAULT = 1883;
const WEB_SOCKET_PORT_DEFAULT = 8083;

export interface ListenerFlags {
  readonly host?: string;
  readonly port?: number;
  /** False: no WebSocket. */
  readonly webSocketPort?: number | false;
  readonly webClient?: boolean;
  readonly allowAnonymous?: boolean;
}

export function defaultListeners(flags: ListenerFlags = {}): ListenerConfiguration[] {
  const { host = HOST_DEFAULT, port = PORT_DEFAULT, webSocketPort = WEB_SOCKET_PORT_DEFAULT, allowAnonymous } = flags;
  const common = { host, ...(allowAnonymous === undefined ? {} : { allowAnonymous }) };
  const tcp: ListenerConfiguration = { name: "mqtt", type: "tcp", port, ...common };
  if (webSocketPort === false) return [tcp];
  return [tcp, { name: "websocket", type: "ws", port: webSocketPort, webClient: flags.webClient ?? true, ...common }];
}
