/** What a check is and what it says. */
import type { ConnackPacket, ConnectPacket, ProtocolVersion } from "@tidings/packet";
import type { ProbeConnection } from "./probe-connection.js";

export type Outcome =
  /** It is there and works. */
  | "yes"
  /** It is not offered, which the standard allows. */
  | "no"
  /** The standard forbids what the server did. */
  | "departs"
  /** Cannot be said: something else that is needed is missing, or this user may not. */
  | "unclear"
  /** Neither good nor bad. */
  | "info";

export interface Verdict {
  readonly outcome: Outcome;
  readonly detail: string;
}

export interface Check {
  readonly group: string;
  readonly name: string;
  /** Statements or sections of the standard. */
  readonly rule: string;
  readonly run: (bench: CheckBench) => Promise<Verdict>;
}

export interface CheckResult extends Verdict {
  readonly group: string;
  readonly name: string;
  readonly rule: string;
}

/** What a check works with. Names are its own, so that checks can run side by side. */
export interface CheckBench {
  /** Of 5.0, or of the newest version the server accepts. */
  readonly connack: ConnackPacket;
  /** Only those that the server accepts. */
  readonly versions: readonly ProtocolVersion[];
  /** A topic below the prefix of this run. */
  topic(name: string): string;
  clientIdentifier(name: string): string;
  /** Connected; throws `ProbeFailure` when the server refuses. */
  connect(version: ProtocolVersion, options?: Partial<ConnectPacket>): Promise<ProbeConnection>;
  /** Connected, with the CONNACK. */
  connectFully(
    version: ProtocolVersion,
    options?: Partial<ConnectPacket>,
  ): Promise<{ connection: ProbeConnection; connack: ConnackPacket }>;
  /** A stream without a CONNECT. */
  open(version: ProtocolVersion): Promise<ProbeConnection>;
}

export const yes = (detail = ""): Verdict => ({ outcome: "yes", detail });
export const no = (detail: string): Verdict => ({ outcome: "no", detail });
export const departs = (detail: string): Verdict => ({ outcome: "departs", detail });
export const unclear = (detail: string): Verdict => ({ outcome: "unclear", detail });
export const info = (detail: string): Verdict => ({ outcome: "info", detail });
