/** Filters on which the page answers requests: with what it was sent, or with a text. */
import type { Client, Subscription } from "@tidings/client";

export interface Responder {
  readonly filter: string;
  /** Undefined: the payload of the request. */
  readonly answer: string | undefined;
  readonly answered: number;
  readonly subscription: Subscription;
}

export class Responders {
  all: readonly Responder[] = [];

  constructor(private readonly onChange: () => void) {}

  /** Rejects when the server refuses the filter. */
  async add(client: Pick<Client, "respond">, filter: string, answer: string | undefined): Promise<void> {
    let answered = 0;
    const subscription = await client.respond(filter, (message) => {
      answered += 1;
      this.onChange();
      return answer ?? message.payload;
    });
    const responder: Responder = {
      filter,
      answer,
      get answered() {
        return answered;
      },
      subscription,
    };
    this.all = [...this.all.filter((other) => other.filter !== filter), responder];
    this.onChange();
  }

  async remove(responder: Responder): Promise<void> {
    this.all = this.all.filter((other) => other !== responder);
    this.onChange();
    await responder.subscription.unsubscribe();
  }

  /** The connection is gone, and the Subscriptions with it. */
  clear(): void {
    this.all = [];
    this.onChange();
  }
}
