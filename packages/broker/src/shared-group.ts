/**
 * A shared subscription (MQTT 5.0 section 4.8.2): everybody who subscribed with the same share name and filter. Each
 * message goes to one of them.
 */
import type { Subscription } from "./subscription.js";

/** How a member is chosen. Members without a connection are only chosen when nobody has one. */
export type SharedSubscriptionStrategy =
  /** One after the other. */
  | "round-robin"
  | "random"
  /** The same one as long as it is connected. */
  | "sticky"
  /** Whoever has the fewest messages in flight and queued. */
  | "least-in-flight";

export class SharedGroup {
  readonly members: Subscription[] = [];
  private turn = 0;
  private favourite: Subscription | undefined;

  constructor(
    readonly shareName: string,
    /** Without the `$share/…/` before it. */
    readonly topicFilter: string,
    private readonly strategy: SharedSubscriptionStrategy,
    private readonly random: () => number,
  ) {}

  /** What its members subscribed to. */
  get sharedFilter(): string {
    return `$share/${this.shareName}/${this.topicFilter}`;
  }

  add(member: Subscription): void {
    this.members.push(member);
  }

  remove(member: Subscription): void {
    const index = this.members.indexOf(member);
    if (index >= 0) this.members.splice(index, 1);
    if (this.favourite === member) this.favourite = undefined;
  }

  /** Who gets the next message, `barred` members aside; undefined when nobody is left. */
  choose(barred?: ReadonlySet<Subscription>): Subscription | undefined {
    const { strategy } = this;
    const members = barred === undefined ? this.members : this.members.filter((member) => !barred.has(member));
    if (members.length === 0) return undefined;
    if (strategy === "least-in-flight") return this.leastBusy(members);
    const { favourite } = this;
    if (strategy === "sticky" && favourite?.subscriber.isConnected && !barred?.has(favourite)) return favourite;
    const from = strategy === "random" ? Math.floor(this.random() * members.length) : this.turn++;
    let chosen = members[from % members.length];
    for (let i = 0; i < members.length; i++) {
      const member = members[(from + i) % members.length];
      if (member.subscriber.isConnected) {
        chosen = member;
        // Whoever was passed over has had its turn.
        if (strategy === "round-robin") this.turn = from + i + 1;
        break;
      }
    }
    this.favourite = chosen;
    return chosen;
  }

  private leastBusy(members: readonly Subscription[]): Subscription {
    // Ties go round, so that an idle group still shares.
    const from = this.turn++;
    let chosen = members[from % members.length];
    for (let i = 1; i < members.length; i++) {
      const member = members[(from + i) % members.length];
      if (cost(member) < cost(chosen)) chosen = member;
    }
    return chosen;
  }
}

function cost(member: Subscription): number {
  return member.subscriber.isConnected ? member.subscriber.load : Number.MAX_SAFE_INTEGER / 2 + member.subscriber.load;
}
