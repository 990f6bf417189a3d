/**
 * One stream and the connection over it: hands the core what comes in and the time, writes what goes out once per turn.
 */
import type { ConnectPacket, ReasonCode } from "@tidings/packet";
import type { ByteStream, ByteStreamHandler } from "@tidings/transport";
import { authenticationError } from "./authentication-error.js";
import type { Authentication, Authenticator } from "./authenticator.js";
import type { ClientEnvironment, Timer } from "./client-environment.js";
import { ClientConnection, type ClientConnectionHost, type ClientConnectionOptions } from "./core/client-connection.js";
import { ClientError } from "./core/client-error.js";
import type { ClientSession } from "./core/client-session.js";
import type { ServerInfo } from "./core/server-info.js";
import { Deferred } from "./deferred.js";

/** Who is told. */
export interface LinkOwner {
  linkConnected(link: Link, server: ServerInfo): void;
  linkEnded(link: Link, error: ClientError): void;
}

/** A timer is not set for less. */
const TICK_MS_MIN = 5;
/** `setTimeout` goes no further. */
const TICK_MS_MAX = 2_147_000_000;

export class Link implements ByteStreamHandler, ClientConnectionHost {
  readonly connection: ClientConnection;
  #isOver = false;
  #end: Deferred<void> | undefined;
  /** Publishers that wait for the end of the turn, or for room. */
  #breather: Deferred<void> | undefined;
  #durability: Deferred<void> | undefined;
  #reauthentication: Deferred<void> | undefined;
  #timer: Timer | undefined;
  #timerDueMs = Number.POSITIVE_INFINITY;

  readonly #environment: ClientEnvironment;
  readonly #owner: LinkOwner;
  readonly #authenticator: Authenticator | undefined;
  #authentication: Authentication | undefined;

  constructor(
    environment: ClientEnvironment,
    readonly stream: ByteStream,
    session: ClientSession,
    connect: ConnectPacket,
    options: ClientConnectionOptions,
    owner: LinkOwner,
    authenticator: Authenticator | undefined,
    authentication: Authentication | undefined,
  ) {
    this.#environment = environment;
    this.#owner = owner;
    this.#authenticator = authenticator;
    this.#authentication = authentication;
    this.connection = new ClientConnection(session, this, connect, options, environment.now());
    stream.start(this);
    this.#setTimer();
  }

  /** Resolves when the stream is over. */
  get closed(): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    this.#end ??= new Deferred();
    return this.#end.promise;
  }

  /** What is to be sent is sent at the end of the turn; the promise waits for that, and for room behind it. */
  breathe(): Promise<void> {
    if (this.#breather === undefined) {
      this.#breather = new Deferred();
      this.#environment.afterTurn(endTurn, this);
    }
    return this.#breather.promise;
  }

  /** Resolves when nothing waits for the session store. */
  durable(): Promise<void> {
    this.endTurn();
    if (!this.connection.outbound.isHeld) return Promise.resolve();
    this.#durability ??= new Deferred();
    return this.#durability.promise;
  }

  /** Authenticates again (section 4.12.1). */
  reauthenticate(): Promise<void> {
    const authenticator = this.#authenticator;
    if (authenticator === undefined || !this.connection.isConnected || this.connection.version !== 5) {
      throw new ClientError(
        "TIDINGS_CLIENT_INVALID_ARGUMENT",
        "Re-authentication needs 5.0 and the option `authentication`.",
      );
    }
    if (this.#reauthentication !== undefined) return this.#reauthentication.promise;
    this.#authentication = authenticator.begin();
    this.#reauthentication = new Deferred();
    this.#answer(0x19, () => this.#authentication?.start());
    return this.#reauthentication.promise;
  }

  // The stream's side.

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    this.connection.receive(bytes, start, end, this.#environment.now());
    this.#setTimer();
  }

  onDrain(): void {
    this.connection.transportDrained(this.#environment.now());
    this.#letBreathe();
  }

  onClose(error?: Error): void {
    this.connection.transportClosed(this.#environment.now(), error);
    this.#isOver = true;
    this.#end?.resolve();
  }

  // The connection's side.

  wantsFlush(): void {
    this.#environment.afterTurn(endTurn, this);
  }

  write(bytes: Uint8Array): boolean {
    return this.stream.write(bytes);
  }

  wantsClose(): void {
    this.stream.end();
  }

  wantsPause(paused: boolean): void {
    if (paused) this.stream.pause();
    else this.stream.resume();
  }

  wantsAuthentication(data: Uint8Array | undefined): void {
    const kept = data && new Uint8Array(data);
    this.#answer(0x18, () => this.#authentication?.continue(kept));
  }

  wantsVerification(data: Uint8Array | undefined): void {
    const kept = data && new Uint8Array(data);
    this.#ask(
      () => this.#authentication?.finish(kept),
      () => this.connection.verified(this.#environment.now()),
    );
  }

  connected(server: ServerInfo): void {
    this.#owner.linkConnected(this, server);
  }

  reauthenticated(): void {
    this.#reauthentication?.resolve();
    this.#reauthentication = undefined;
  }

  disconnected(error: ClientError): void {
    this.#cancelTimer();
    this.#reauthentication?.reject(error);
    this.#reauthentication = undefined;
    this.#breather?.resolve();
    this.#breather = undefined;
    this.#durability?.resolve();
    this.#owner.linkEnded(this, error);
  }

  /** The store's mark has moved. */
  storeDurable(): void {
    this.connection.storeDurable(this.#environment.now());
    if (!this.connection.outbound.isHeld) this.#durability?.resolve();
    this.#letBreathe();
  }

  // Details.

  /** @internal What was written in this turn goes out. */
  endTurn(): void {
    this.connection.flush(this.#environment.now());
    this.#letBreathe();
  }

  #letBreathe(): void {
    if (this.#breather === undefined || !this.connection.outbound.isWritable) return;
    this.#breather.resolve();
    this.#breather = undefined;
  }

  #answer(reasonCode: ReasonCode, data: () => ReturnType<Authentication["start"]>): void {
    this.#ask(data, (result) => this.connection.authenticate(reasonCode, result));
  }

  #ask<T>(question: () => T | Promise<T>, use: (answer: T) => void): void {
    const authentication = this.#authentication;
    new Promise<T>((resolve) => resolve(question()))
      .then((answer) => {
        if (authentication === this.#authentication) use(answer);
      })
      .catch((cause) => this.connection.failAuthentication(authenticationError(cause), this.#environment.now()));
  }

  /** One timer for the next deadline. A deadline that moves away leaves the timer as it is. */
  #setTimer(): void {
    const dueMs = this.connection.nextDeadlineMs;
    if (dueMs === Number.POSITIVE_INFINITY ? this.#timer === undefined : dueMs >= this.#timerDueMs) return;
    this.#cancelTimer();
    this.#timerDueMs = dueMs;
    if (dueMs === Number.POSITIVE_INFINITY) return;
    const delayMs = Math.min(Math.max(dueMs - this.#environment.now(), TICK_MS_MIN), TICK_MS_MAX);
    this.#timer = this.#environment.after(delayMs, tick, this, false);
  }

  #cancelTimer(): void {
    if (this.#timer !== undefined) this.#environment.cancel(this.#timer);
    this.#timer = undefined;
  }

  /** @internal The timer fired. */
  tick(): void {
    this.#timer = undefined;
    this.#timerDueMs = Number.POSITIVE_INFINITY;
    this.connection.advance(this.#environment.now());
    this.#setTimer();
  }
}

function endTurn(link: Link): void {
  link.endTurn();
}

function tick(link: Link): void {
  link.tick();
}
