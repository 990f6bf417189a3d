/**
 * Decisions about topics, remembered: two bits for each question that can be asked of a topic, in one small integer. When
 * there are as many topics as there may be, the one that came first is forgotten.
 */
import type { QoS } from "@tidings/packet";
import type { Access } from "./access-policy.js";

/** The seventh question; the six before it are publishing with QoS 0 to 2, without and with RETAIN. */
const RECEIVE = 6;

/** Longer topics are not remembered: a client chooses them, and they take memory. */
const TOPIC_LENGTH_MAX = 128;

export class CachedAccess {
  private readonly decisions = new Map<string, number>();

  constructor(
    private readonly access: Access,
    private readonly topicsMax: number,
  ) {}

  publish(topicName: string, qos: QoS, retain: boolean): boolean {
    const question = qos * 2 + (retain ? 1 : 0);
    const known = this.decisions.get(topicName) ?? 0;
    const answer = (known >> (question * 2)) & 3;
    if (answer !== 0) return answer === 1;
    return this.remember(topicName, known, question, this.access.publish(topicName, qos, retain) === true);
  }

  receive(topicName: string): boolean {
    const known = this.decisions.get(topicName) ?? 0;
    const answer = (known >> (RECEIVE * 2)) & 3;
    if (answer !== 0) return answer === 1;
    return this.remember(topicName, known, RECEIVE, this.access.receive(topicName) === true);
  }

  subscribe(topicFilter: string): QoS | false {
    return this.access.subscribe(topicFilter) ?? false;
  }

  private remember(topicName: string, known: number, question: number, isAllowed: boolean): boolean {
    const { decisions, topicsMax } = this;
    if (topicName.length > TOPIC_LENGTH_MAX) return isAllowed;
    if (known === 0 && decisions.size >= topicsMax) {
      if (topicsMax === 0) return isAllowed;
      decisions.delete(decisions.keys().next().value as string);
    }
    decisions.set(topicName, known | ((isAllowed ? 1 : 2) << (question * 2)));
    return isAllowed;
  }
}
