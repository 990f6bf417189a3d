/**
 * All subscriptions of the broker, by filter. Shared subscriptions stand in the same trie, one entry for a group.
 * Every change raises `generation`, which makes the routes computed before invalid.
 */
import { FilterTrie, topicLevelCount } from "@tidings/topic";
import { mergeTargets, type Route } from "./route.js";
import { SharedGroup, type SharedSubscriptionStrategy } from "./shared-group.js";
import { Subscription } from "./subscription.js";

export class SubscriptionTable {
  generation = 0;
  /** Subscriptions, members of shared groups counted one by one. */
  size = 0;
  private readonly trie: FilterTrie<Subscription | SharedGroup>;
  private readonly groups = new Map<string, SharedGroup>();
  private readonly matched: (Subscription | SharedGroup)[] = [];

  constructor(
    private readonly topicLevelsMax: number,
    private readonly strategy: SharedSubscriptionStrategy,
    private readonly random: () => number,
    /** Subscribers have to be asked what they may receive. */
    public guarded: boolean,
  ) {
    this.trie = new FilterTrie({ maximumLevels: Number.POSITIVE_INFINITY });
  }

  get groupCount(): number {
    return this.groups.size;
  }

  /** The group of a share name and filter, made if there is none yet. */
  groupFor(shareName: string, topicFilter: string): SharedGroup {
    const key = `${shareName}/${topicFilter}`; // a share name holds no "/" [MQTT-4.8.2-1]
    let group = this.groups.get(key);
    if (group === undefined) {
      group = new SharedGroup(shareName, topicFilter, this.strategy, this.random);
      this.groups.set(key, group);
    }
    return group;
  }

  /** False: the filter is too deep; nothing was changed. */
  add(subscription: Subscription, levelsMax = this.topicLevelsMax): boolean {
    const { group } = subscription;
    const { topicFilter } = group ?? subscription;
    const fits = topicLevelCount(topicFilter) <= levelsMax;
    if (group === undefined) {
      if (!fits || !this.trie.add(topicFilter, subscription)) return false;
    } else {
      const isFirst = group.members.length === 0;
      if (!fits || (isFirst && !this.trie.add(topicFilter, group))) {
        if (isFirst) this.groups.delete(`${group.shareName}/${topicFilter}`);
        return false;
      }
      group.add(subscription);
    }
    this.size += 1;
    this.generation += 1;
    return true;
  }

  remove(subscription: Subscription): void {
    const { group } = subscription;
    if (group === undefined) {
      this.trie.remove(subscription.topicFilter, subscription);
    } else {
      group.remove(subscription);
      if (group.members.length === 0) {
        this.trie.remove(group.topicFilter, group);
        this.groups.delete(`${group.shareName}/${group.topicFilter}`);
      }
    }
    this.size -= 1;
    this.generation += 1;
  }

  /** Options of a subscription changed in place, or what somebody may receive. */
  changed(): void {
    this.generation += 1;
  }

  /** Brings a route up to date. */
  resolve(route: Route): void {
    const { guarded, matched } = this;
    const { topicName } = route;
    matched.length = 0;
    this.trie.match(topicName, matched);
    const subscriptions: Subscription[] = [];
    const groups: SharedGroup[] = [];
    for (const entry of matched) {
      if (!(entry instanceof Subscription)) groups.push(entry);
      else if (!guarded || entry.subscriber.mayReceive(topicName)) subscriptions.push(entry);
    }
    matched.length = 0;
    route.targets = subscriptions.length === 0 ? [] : mergeTargets(subscriptions);
    route.groups = groups;
    route.barred = guarded ? barredFrom(topicName, groups) : undefined;
    route.generation = this.generation;
  }
}

/** The members of each group that may not receive the topic; undefined: all may. */
function barredFrom(topicName: string, groups: readonly SharedGroup[]): Route["barred"] {
  let barred: Map<SharedGroup, ReadonlySet<Subscription>> | undefined;
  for (const group of groups) {
    const members = group.members.filter((member) => !member.subscriber.mayReceive(topicName));
    if (members.length === 0) continue;
    barred ??= new Map();
    barred.set(group, new Set(members));
  }
  return barred;
}
