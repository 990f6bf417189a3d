/**
 * The books of a simulation: what was published and acknowledged, what came where, who was subscribed and for how long,
 * what the broker says it gave up. Everything has a number from one counter, so that any two events can be compared.
 */
import type { QoS } from "@tidings/packet";

export interface Publication {
  readonly id: number;
  readonly publisher: string;
  readonly topic: string;
  readonly qos: QoS;
  readonly retain: boolean;
  /** A retained message with an empty payload. It carries no number. */
  readonly clears: boolean;
  readonly isWill: boolean;
  /** Seconds; undefined: never expires. */
  readonly expiryInterval: number | undefined;
  /** When the application published it. */
  readonly calledAt: number;
  /** When its publisher learned that the broker has it; undefined: never. */
  acknowledgedAt: number | undefined;
  /** Its publisher learned that it may or may not have arrived, or was refused. */
  failure: string | undefined;
  /** Names of the clients for whom the broker dropped it, with the reasons. */
  readonly drops: Map<string, Set<string>>;
  /** The session of its publisher ended meanwhile: it may arrive twice. */
  isUncertain: boolean;
}

export interface Receipt {
  readonly publication: Publication;
  readonly epoch: number;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly at: number;
}

/** From SUBACK on. */
export interface SubscriptionSpan {
  readonly filter: string;
  readonly qos: QoS;
  readonly epoch: number;
  readonly from: number;
  /** When the application took it back. */
  until: number;
}

/** One client, over all its connections. */
export class ClientRecord {
  /** Sessions so far, as the client was told with CONNACK. */
  epoch = 0;
  readonly receipts: Receipt[] = [];
  readonly spans: SubscriptionSpan[] = [];
  /** When the session of this epoch began. */
  epochBeganAt = 0;
  /** Sessions that the broker has ended, or whose time was over: nothing is owed to them. */
  readonly endedEpochs = new Set<number>();

  constructor(
    readonly name: string,
    /** Name of the shared subscription that it is a member of. */
    readonly group: string | undefined,
    /** It is not owed what it publishes itself. */
    readonly noLocal: boolean,
  ) {}
}

export class Ledger {
  readonly publications: Publication[] = [];
  readonly clients = new Map<string, ClientRecord>();
  /** What must not be, in the order of its discovery. */
  readonly violations: string[] = [];
  /** How often what has happened, to see that it does. */
  readonly counts: Record<string, number> = {};
  private clock = 0;

  /** The number of the next event. */
  next(): number {
    return ++this.clock;
  }

  count(what: string, by = 1): void {
    this.counts[what] = (this.counts[what] ?? 0) + by;
  }

  violated(what: string): void {
    if (this.violations.length < 100) this.violations.push(what);
  }

  client(name: string, group: string | undefined, noLocal: boolean): ClientRecord {
    let record = this.clients.get(name);
    if (record === undefined) {
      record = new ClientRecord(name, group, noLocal);
      this.clients.set(name, record);
    }
    return record;
  }

  publish(parts: Pick<Publication, "publisher" | "topic" | "qos" | "retain" | "clears" | "isWill" | "expiryInterval">) {
    const publication: Publication = {
      ...parts,
      id: this.publications.length,
      calledAt: this.next(),
      acknowledgedAt: undefined,
      failure: undefined,
      drops: new Map(),
      isUncertain: false,
    };
    this.publications.push(publication);
    return publication;
  }

  /** The publication whose payload this is. Undefined, and noted, for one that nobody sent so. */
  find(payload: Uint8Array, topic: string, where: string): Publication | undefined {
    const publication = this.publications[numberIn(payload)];
    if (publication === undefined || publication.topic !== topic || !isIntact(payload)) {
      this.violated(`${where}: a message to ${topic} that nobody sent, of ${payload.length} bytes`);
      return undefined;
    }
    return publication;
  }
}

/** The number of a publication, a space, and bytes that follow from the number. */
export function payloadOf(id: number, fillBytes: number): Uint8Array {
  const head = new TextEncoder().encode(`${id} `);
  const payload = new Uint8Array(head.length + fillBytes);
  payload.set(head);
  for (let i = head.length; i < payload.length; i++) payload[i] = (id * 31 + i) & 0xff;
  return payload;
}

/** The number in a payload; -1: there is none. */
export function numberIn(payload: Uint8Array): number {
  let number = 0;
  for (const byte of payload) {
    if (byte === 0x20) return number;
    if (byte < 0x30 || byte > 0x39) return -1;
    number = number * 10 + byte - 0x30;
  }
  return -1;
}

function isIntact(payload: Uint8Array): boolean {
  const expected = payloadOf(numberIn(payload), payload.length - payload.indexOf(0x20) - 1);
  return expected.every((byte, index) => byte === payload[index]);
}
