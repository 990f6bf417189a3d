/**
 * The real client with a session that lasts, behind a relay that can be cut. It connects again and again, and what it
 * knows can be read at any moment.
 */
import { type Client, createClient, type Message } from "@tidings/client";
import type { QoS } from "@tidings/packet";
import { Relay } from "./relay.js";

const RECONNECT_MS = 20;
const CONNECT_MS_MAX = 5000;

export interface PersistentClientOptions {
  readonly clientIdentifier: string;
  readonly protocolVersion: 4 | 5;
  /** Of the broker. */
  readonly port: number;
  /** A message arrived: at QoS 2 once, at QoS 1 perhaps again. */
  readonly onMessage?: (message: Message) => void;
  /** A message is acknowledged. */
  readonly onAcknowledged?: (topicName: string, number: number) => void;
}

export class PersistentClient {
  /** The server had no session when this client knew of one: whatever it held is lost. */
  sessionsLost = 0;
  /** Publishes that the client gave up. */
  readonly failures: string[] = [];
  private knowsSession = false;

  private constructor(
    private readonly client: Client,
    private readonly relay: Relay,
    private readonly options: PersistentClientOptions,
  ) {}

  static async open(options: PersistentClientOptions): Promise<PersistentClient> {
    const { clientIdentifier, protocolVersion, port, onMessage } = options;
    const relay = await Relay.open(port);
    const client = createClient(`mqtt://127.0.0.1:${relay.port}`, {
      clientIdentifier,
      protocolVersion,
      cleanStart: false,
      keepAlive: 0,
      properties: protocolVersion === 5 ? { sessionExpiryInterval: 3600 } : undefined,
      reconnect: { delay: () => RECONNECT_MS },
      connectTimeoutMs: CONNECT_MS_MAX,
      onMessage,
      onConnect: ({ sessionPresent }) => persistent.connected(sessionPresent),
    });
    const persistent = new PersistentClient(client, relay, options);
    await client.connected;
    return persistent;
  }

  /** Published and not acknowledged. */
  get unacknowledged(): number {
    return this.client.pendingMessages;
  }

  publish(topicName: string, number: number, qos: QoS, retain = false): void {
    this.client.publish(topicName, `${number}`, { qos, retain }).then(
      () => this.options.onAcknowledged?.(topicName, number),
      (error: Error) => this.failures.push(`${topicName} ${number}: ${error.message}`),
    );
  }

  /** Resolves with SUBACK, on whatever connection. */
  async subscribe(topicFilter: string, qos: QoS): Promise<void> {
    await this.client.subscribe(topicFilter, { qos, detached: true });
  }

  unsubscribe(topicFilter: string): Promise<void> {
    return this.client.unsubscribe(topicFilter);
  }

  /** Stays away until `comeBack`. */
  goAway(): void {
    this.relay.cut();
  }

  comeBack(): void {
    this.relay.mend();
  }

  /** Without a word to the broker: the session stays. */
  async end(): Promise<void> {
    this.relay.close();
    await this.client.close({ force: true });
  }

  private connected(sessionPresent: boolean): void {
    if (this.knowsSession && !sessionPresent) this.sessionsLost += 1;
    this.knowsSession = true;
  }
}
