/**
 * A broker core with a clock that only moves when told to, and clients wired to it without a network. Everything is
 * synchronous: what a packet causes has arrived when `send` returns.
 */
import { type ConnectPacket, PacketType, type ProtocolVersion } from "@tidings/packet";
import { Broker } from "../broker.js";
import type { BrokerOptions } from "../broker-options.js";
import type { ListenerFacts } from "../listener-facts.js";
import { TestClient } from "./test-client.js";

/** What a CONNECT of a test differs in. Default: 5.0, Clean Start, keep alive off, its own Client Identifier. */
export type ConnectOptions = Partial<Omit<ConnectPacket, "type">> & {
  /** What it comes through. */
  listener?: ListenerFacts;
};

export class BrokerHarness {
  readonly broker: Broker;
  /** Milliseconds since 1970. */
  nowMs = 1_700_000_000_000;
  private readonly clients: TestClient[] = [];
  private nextClient = 1;

  constructor(options: BrokerOptions = {}) {
    // A fixed sequence in place of chance.
    let state = 1;
    const random = (): number => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    };
    this.broker = new Broker({ random, ...options });
    this.broker.advance(this.nowMs);
  }

  /** A connection that has sent nothing yet; `version` is what its packets will be encoded as. */
  open(version: ProtocolVersion = 5, listener?: ListenerFacts): TestClient {
    const client = new TestClient(this, version, listener);
    this.clients.push(client);
    return client;
  }

  /** A connection that has sent CONNECT. What came back is in `received`, CONNACK included. */
  connect({ listener, ...options }: ConnectOptions = {}): TestClient {
    const client = this.open(options.protocolVersion ?? 5, listener);
    client.send({
      type: PacketType.CONNECT,
      protocolVersion: 5,
      cleanStart: true,
      keepAlive: 0,
      clientIdentifier: `client-${this.nextClient++}`,
      ...options,
    });
    return client;
  }

  /** Like `connect`, and CONNACK is taken out of `received`; throws when it was a refusal. */
  connected(options: ConnectOptions = {}): TestClient {
    const client = this.connect(options);
    const connack = client.received.shift();
    if (connack?.type !== PacketType.CONNACK || connack.reasonCode !== 0) {
      throw new Error(`CONNECT was not accepted: ${JSON.stringify(connack)}`);
    }
    return client;
  }

  /** Lets time pass, in steps no longer than the broker's own sweep. */
  advance(milliseconds: number): void {
    const end = this.nowMs + milliseconds;
    while (this.nowMs < end) {
      this.nowMs = Math.min(end, this.nowMs + 250);
      this.broker.advance(this.nowMs);
      this.endTurn();
    }
  }

  /** What a host does at the end of a turn. */
  endTurn(): void {
    this.broker.endTurn();
    for (const client of this.clients) client.flush();
  }

  /** Lets promises of hooks settle, then ends the turn. */
  async settle(): Promise<void> {
    for (let i = 0; i < 20; i++) await Promise.resolve();
    this.endTurn();
  }
}
