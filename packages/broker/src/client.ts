/**
 * A client as hooks, observers and the host process see it. Read-only but for `disconnect`.
 */
import type { ProtocolVersion, ReasonCode, UserProperty } from "@tidings/packet";
import type { ListenerFacts } from "./listener-facts.js";
import type { Principal } from "./principal.js";

export interface DisconnectDetails {
  reasonString?: string;
  serverReference?: string;
  userProperties?: UserProperty[];
}

export interface Client {
  /** Empty until CONNECT was read, then never. */
  readonly clientIdentifier: string;
  readonly protocolVersion: ProtocolVersion;
  readonly userName: string | undefined;
  /** Seconds in force; 0: off. */
  readonly keepAlive: number;
  readonly cleanStart: boolean;
  /** Seconds. */
  readonly sessionExpiryInterval: number;
  /** Whatever the host passed to `accept`: address, certificate, headers. */
  readonly peer: unknown;
  /** What the host said of the listener it came through. */
  readonly listener: ListenerFacts | undefined;
  /** What authorization decides by. */
  readonly principal: Principal;
  /** True from CONNACK to the end. */
  readonly isConnected: boolean;
  /** Milliseconds since 1970. */
  readonly connectedAtMs: number;
  /** Packets that wait for an acknowledgement of this client. */
  readonly inFlightMessages: number;
  readonly queuedMessages: number;
  /** For hooks, to remember things from one call to the next. */
  data: unknown;
  /** DISCONNECT with the reason for 5.0 clients, then the close. */
  disconnect(reasonCode: ReasonCode, details?: DisconnectDetails): void;
}
