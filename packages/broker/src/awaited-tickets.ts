/** Promises of the host process that wait for the store. Never on the way of a packet. */
import type { SessionStore, Ticket } from "@tidings/session";

interface Awaited {
  readonly ticket: Ticket;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class AwaitedTickets {
  private awaited: Awaited[] = [];
  private failure: Error | undefined = undefined;

  /** Until everything told so far is durable. */
  until({ currentTicket, durableUpTo }: SessionStore): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    if (currentTicket <= durableUpTo) return Promise.resolve();
    return new Promise((resolve, reject) => this.awaited.push({ ticket: currentTicket, resolve, reject }));
  }

  reached(durableUpTo: Ticket): void {
    while (this.awaited.length > 0 && this.awaited[0].ticket <= durableUpTo) this.awaited.shift()?.resolve();
  }

  fail(error: Error): void {
    this.failure = error;
    for (const { reject } of this.awaited.splice(0)) reject(error);
  }
}
