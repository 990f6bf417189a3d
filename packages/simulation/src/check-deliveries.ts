/**
 * What every subscriber is owed when all is quiet: each acknowledged message at QoS 1 at least once and at QoS 2 exactly
 * once, in the order of its publisher. What the broker says it dropped is not owed; whether it had a reason is checked
 * when it says so.
 */
import { matches, parseSharedFilter } from "@tidings/topic";
import type { ClientRecord, Ledger, Publication, Receipt, SubscriptionSpan } from "./ledger.js";

export function checkDeliveries(ledger: Ledger): void {
  const groups = new Map<string, ClientRecord[]>();
  for (const client of ledger.clients.values()) {
    if (client.group === undefined) {
      checkOwed(ledger, client);
      checkOrder(ledger, client);
    } else {
      groups.set(client.group, [...(groups.get(client.group) ?? []), client]);
    }
  }
  for (const [name, members] of groups) checkGroup(ledger, name, members);
}

/** At no time must anything have come twice that comes once. */
export function checkNeverTwice(ledger: Ledger): void {
  for (const client of ledger.clients.values()) checkDoubles(ledger, client);
}

function checkOwed(ledger: Ledger, client: ClientRecord): void {
  if (client.endedEpochs.has(client.epoch)) return;
  const spans = client.spans.filter(({ epoch }) => epoch === client.epoch);
  const got = new Set(client.receipts.filter(({ epoch }) => epoch === client.epoch).map((one) => one.publication));
  for (const publication of ledger.publications) {
    if (publication.acknowledgedAt === undefined || publication.clears || publication.drops.has(client.name)) continue;
    if (client.noLocal && publication.publisher === client.name) continue;
    const span = spans.find((one) => one.qos > 0 && covers(one, publication));
    if (span === undefined) continue;
    ledger.count(`owed at QoS ${Math.min(span.qos, publication.qos)}`);
    if (got.has(publication)) continue;
    ledger.violated(
      `${client.name} never got ${publication.id} (${publication.topic}, QoS ${publication.qos}) of ` +
        `${publication.publisher}, which was acknowledged while it was subscribed to ${span.filter}`,
    );
  }
}

/** It was published and acknowledged while the subscription was there. */
function covers(span: SubscriptionSpan, { calledAt, acknowledgedAt = 0, topic }: Publication): boolean {
  if (calledAt < span.from || acknowledgedAt > span.until) return false;
  return matches(parseSharedFilter(span.filter)?.topicFilter ?? span.filter, topic);
}

/** What is sent at QoS 2 comes once in a session; so does what was published at QoS 0. */
function checkDoubles(ledger: Ledger, client: ClientRecord): void {
  const seen = new Map<Publication, Set<number>>();
  for (const { publication, epoch, qos, retain } of client.receipts) {
    if (retain || publication.isUncertain || (qos !== 2 && publication.qos !== 0)) continue;
    const epochs = seen.get(publication) ?? new Set();
    seen.set(publication, epochs);
    if (epochs.has(epoch)) {
      ledger.violated(`${client.name} got ${publication.id} (${publication.topic}) twice at QoS ${qos}`);
    }
    epochs.add(epoch);
  }
}

/** First receipts of one publisher, topic, QoS and session come as they were published [MQTT-4.6.0-5]. */
function checkOrder(ledger: Ledger, client: ClientRecord): void {
  const last = new Map<string, Receipt>();
  const seen = new Set<string>();
  for (const receipt of client.receipts) {
    const { publication, epoch, qos, retain } = receipt;
    const { id, topic, publisher } = publication;
    if (retain || publication.isWill || publication.drops.has(client.name)) continue;
    // What was not owed may have been missed at first, and come when it was sent again.
    if (qos === 0 && publication.qos > 0) continue;
    if (!client.spans.some((span) => span.epoch === epoch && covers(span, publication))) continue;
    const once = `${epoch} ${id}`;
    if (seen.has(once)) continue;
    seen.add(once);
    const key = `${epoch} ${publisher} ${topic} ${publication.qos} ${qos}`;
    const before = last.get(key)?.publication;
    if (before !== undefined && before.id > id) {
      ledger.violated(`${client.name} got ${id} behind ${before.id} of ${publisher} to ${topic} at QoS ${qos}`);
    }
    last.set(key, receipt);
  }
}

function checkGroup(ledger: Ledger, name: string, members: readonly ClientRecord[]): void {
  if (members.some((member) => member.endedEpochs.has(member.epoch))) return;
  const beganAt = Math.max(...members.map((member) => member.epochBeganAt));
  const spans = members.flatMap((member) => member.spans.filter(({ epoch }) => epoch === member.epoch));
  const receipts = new Map<Publication, number>();
  for (const member of members) {
    for (const { publication, retain } of member.receipts) {
      if (!retain) receipts.set(publication, (receipts.get(publication) ?? 0) + 1);
    }
  }
  for (const publication of ledger.publications) {
    const { id, topic, qos, calledAt } = publication;
    if (publication.acknowledgedAt === undefined || publication.clears || calledAt < beganAt) continue;
    const covering = spans.filter((span) => span.qos > 0 && covers(span, publication));
    if (covering.length === 0 || members.some((member) => publication.drops.has(member.name))) continue;
    const count = receipts.get(publication) ?? 0;
    ledger.count("owed to a shared subscription");
    const isExact = qos === 2 && spans.every((span) => span.qos === 2);
    if (count === 0) ledger.violated(`nobody of the shared subscription ${name} got ${id} (${topic}, QoS ${qos})`);
    if (count > 1 && isExact && !publication.isUncertain) {
      ledger.violated(`the shared subscription ${name} got ${id} (${topic}) ${count} times at QoS 2`);
    }
  }
}
