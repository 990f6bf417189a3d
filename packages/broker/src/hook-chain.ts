/**
 * The embedder's hooks, sorted by what they answer, and the rules for asking several (see `hooks.ts`). A hook that fails
 * refuses.
 */
import { type QoS, ReasonCode, type SubscriptionRequest } from "@tidings/packet";
import type { ApplicationMessage } from "./application-message.js";
import type { Client } from "./client.js";
import type { EnhancedAuthentication } from "./handle-auth.js";
import type {
  AuthenticateRequest,
  BrokerHooks,
  DropReason,
  EnhancedAuthenticateAnswer,
  EnhancedAuthenticateStep,
  HookHost,
  IncomingPublish,
  MaybePromise,
  PublishChange,
  Verdict,
} from "./hooks.js";
import { isPromise } from "./is-promise.js";
import type { BrokerObserver } from "./observer.js";
import type { Principal } from "./principal.js";

export type PublishHook = (publish: IncomingPublish) => MaybePromise<ReasonCode | PublishChange | undefined>;

const ALLOWED: Verdict = { reasonCode: ReasonCode.Success };

export class HookChain {
  /** Authorization, then the publish hooks: what a client's PUBLISH passes. */
  readonly incomingPublish: readonly PublishHook[];
  /** The publish hooks alone: what a will, authorized at CONNECT, and a PUBLISH of the host pass. */
  readonly publish: readonly PublishHook[];
  readonly authorizePublish: readonly PublishHook[];
  private readonly deliveries: readonly BrokerHooks[];
  private readonly receivers: readonly BrokerHooks[];
  private readonly permits: readonly BrokerHooks[];

  constructor(
    private readonly hooks: readonly BrokerHooks[],
    private readonly observer: BrokerObserver | undefined,
  ) {
    this.authorizePublish = hooks.flatMap((hook) => (hook.authorizePublish ? [hook.authorizePublish.bind(hook)] : []));
    this.publish = hooks.flatMap((hook) => (hook.onPublish ? [hook.onPublish.bind(hook)] : []));
    this.incomingPublish = [...this.authorizePublish, ...this.publish];
    this.deliveries = hooks.filter((hook) => hook.onDelivery !== undefined);
    this.receivers = hooks.filter((hook) => hook.authorizeReceive !== undefined);
    this.permits = hooks.filter((hook) => hook.permitPublish !== undefined);
  }

  attach(host: HookHost): void {
    for (const hook of this.hooks) hook.onAttach?.(host);
  }

  get authenticates(): boolean {
    return this.hooks.some(
      ({ authenticate, authenticateEnhanced }) => authenticate !== undefined || authenticateEnhanced !== undefined,
    );
  }

  get guardsTopics(): boolean {
    return this.permits.length > 0;
  }

  get guardsReceive(): boolean {
    return this.receivers.length > 0;
  }

  get guardsDelivery(): boolean {
    return this.deliveries.length > 0;
  }

  /** The first refusal; undefined: it may come in. */
  refusalToConnect(client: Client): Verdict | undefined {
    for (const hook of this.hooks) {
      try {
        const answer = hook.authorizeConnect?.(client);
        const verdict = typeof answer === "number" ? { reasonCode: answer } : answer;
        if (verdict !== undefined && verdict.reasonCode >= 0x80) return verdict;
      } catch (error) {
        this.observer?.failure?.(client, error);
        return { reasonCode: ReasonCode.UnspecifiedError };
      }
    }
    return undefined;
  }

  authenticate(request: AuthenticateRequest): MaybePromise<Verdict> {
    const asked = this.hooks.filter((hook) => hook.authenticate !== undefined);
    if (asked.length === 0) return ALLOWED;
    const { userName, password } = request;
    // Nobody learns from the answer whether a user exists.
    const nobody =
      userName === undefined && password === undefined ? ReasonCode.NotAuthorized : ReasonCode.BadUserNameOrPassword;
    return this.inOrder(
      request.client,
      asked,
      (hook) => hook.authenticate?.(request),
      (answer) => (typeof answer === "number" ? { reasonCode: answer } : answer),
      { reasonCode: nobody },
    );
  }

  authenticateEnhanced(
    step: EnhancedAuthenticateStep,
    authentication: EnhancedAuthentication,
  ): MaybePromise<EnhancedAuthenticateAnswer> {
    const asked = authentication.hook === undefined ? this.hooks : [authentication.hook];
    return this.inOrder<EnhancedAuthenticateAnswer, EnhancedAuthenticateAnswer>(
      step.client,
      asked,
      (hook) => hook.authenticateEnhanced?.(step),
      (answer, hook) => {
        if (answer !== undefined) authentication.hook = hook;
        return answer;
      },
      { reasonCode: ReasonCode.BadAuthenticationMethod },
    );
  }

  /** The granted QoS at most, or a refusal. */
  authorizeSubscribe(client: Client, subscription: SubscriptionRequest): MaybePromise<ReasonCode> {
    let allowed: number = ReasonCode.GrantedQoS2;
    const asked = this.hooks.filter((hook) => hook.authorizeSubscribe !== undefined);
    if (asked.length === 0) return allowed;
    const verdict = this.inOrder<ReasonCode, Verdict>(
      client,
      asked,
      (hook) => hook.authorizeSubscribe?.(client, subscription),
      (answer) => {
        if (answer !== undefined && answer >= 0x80) return { reasonCode: answer };
        if (answer !== undefined) allowed = Math.min(allowed, answer);
        return undefined;
      },
      ALLOWED,
    );
    const reasonCodeOf = ({ reasonCode }: Verdict): ReasonCode => (reasonCode >= 0x80 ? reasonCode : allowed);
    return isPromise(verdict) ? verdict.then(reasonCodeOf) : reasonCodeOf(verdict);
  }

  /** 0x00, or the first refusal to publish there. */
  permitPublish(client: Client, topicName: string, qos: QoS, retain: boolean): ReasonCode {
    for (const hook of this.permits) {
      try {
        const answer = hook.permitPublish?.(client.principal, topicName, qos, retain);
        if (answer !== undefined && answer >= 0x80) return answer;
      } catch (error) {
        this.observer?.failure?.(client, error);
        return ReasonCode.UnspecifiedError;
      }
    }
    return ReasonCode.Success;
  }

  /** False: no message of this topic goes to this client. */
  allowsReceive(principal: Principal, topicName: string): boolean {
    for (const hook of this.receivers) {
      try {
        const answer = hook.authorizeReceive?.(principal, topicName);
        if (answer !== undefined && answer >= 0x80) return false;
      } catch (error) {
        this.observer?.failure?.(undefined, error);
        return false;
      }
    }
    return true;
  }

  /** False: the client does not get this message. */
  allowsDelivery(clientIdentifier: string, message: ApplicationMessage): boolean {
    for (const hook of this.deliveries) {
      try {
        const answer = hook.onDelivery?.(clientIdentifier, message);
        if (answer !== undefined && answer >= 0x80) return false;
      } catch (error) {
        this.observer?.failure?.(undefined, error);
        return false;
      }
    }
    return true;
  }

  connected(client: Client, sessionPresent: boolean): void {
    this.tell(client, (hook) => hook.onConnect?.(client, sessionPresent));
  }

  disconnected(client: Client, reason: { reasonCode: ReasonCode; byServer: boolean; error?: Error }): void {
    this.tell(client, (hook) => hook.onDisconnect?.(client, reason));
  }

  subscribed(client: Client, subscription: SubscriptionRequest, grantedQoS: 0 | 1 | 2): void {
    this.tell(client, (hook) => hook.onSubscribe?.(client, subscription, grantedQoS));
  }

  unsubscribed(client: Client, topicFilter: string): void {
    this.tell(client, (hook) => hook.onUnsubscribe?.(client, topicFilter));
  }

  /** Somebody wants to see what is dropped. */
  get wantsDropped(): boolean {
    return this.hooks.some(({ onDrop }) => onDrop !== undefined);
  }

  dropped(clientIdentifier: string | undefined, message: ApplicationMessage, reason: DropReason): void {
    this.tell(undefined, (hook) => hook.onDrop?.(clientIdentifier, message, reason));
  }

  private tell(client: Client | undefined, call: (hook: BrokerHooks) => void): void {
    for (const hook of this.hooks) {
      try {
        call(hook);
      } catch (error) {
        this.observer?.failure?.(client, error);
      }
    }
  }

  /** The first verdict that `decide` makes of an answer, or `otherwise`. A promise only where a hook makes one. */
  private inOrder<A, V extends Verdict>(
    client: Client,
    hooks: readonly BrokerHooks[],
    ask: (hook: BrokerHooks) => MaybePromise<A | undefined>,
    decide: (answer: A | undefined, hook: BrokerHooks) => V | undefined,
    otherwise: V,
    index = 0,
  ): MaybePromise<V> {
    const failed = (error: unknown): V => {
      this.observer?.failure?.(client, error);
      return { reasonCode: ReasonCode.UnspecifiedError } as V;
    };
    for (let i = index; i < hooks.length; i++) {
      try {
        const answer = ask(hooks[i]);
        if (isPromise(answer)) {
          return answer.then(
            (settled) => decide(settled, hooks[i]) ?? this.inOrder(client, hooks, ask, decide, otherwise, i + 1),
            failed,
          );
        }
        const verdict = decide(answer, hooks[i]);
        if (verdict !== undefined) return verdict;
      } catch (error) {
        return failed(error);
      }
    }
    return otherwise;
  }
}
