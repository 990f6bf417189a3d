/**
 * An HTTP service of your own as judge: POST with JSON for each CONNECT and for each topic that is published or subscribed
 * to, with answers remembered for a while. Whatever is not a clear yes is a no.
 */
import { createHmac, randomBytes } from "node:crypto";
import { type QoS, ReasonCode, type SubscriptionRequest } from "@tidings/packet";
import { PermissionGuard } from "./access-guard.js";
import { AnswerCache } from "./answer-cache.js";
import { AuthError } from "./auth-error.js";
import type {
  AuthClient,
  AuthenticateRequest,
  AuthHooks,
  IncomingPublish,
  MaybePromise,
  Permissions,
  Verdict,
} from "./auth-hooks.js";
import { postJson } from "./post-json.js";
import { isBusy, WorkLimit } from "./work-limit.js";

export interface HttpHookOptions {
  /** Asked who may come in. Without it this hook has no opinion about that. */
  authenticateUrl?: string;
  /** Asked what clients may publish and subscribe to. Without it this hook has no opinion about that. */
  authorizeUrl?: string;
  /** Sent with each request, for example `authorization`. */
  headers?: Readonly<Record<string, string>>;
  /** Default 5000. */
  timeoutMs?: number;
  /** Requests at a time. Default 32. */
  requestsMax?: number;
  /** Questions that wait for their turn; the next one is refused. Default 1000. */
  waitingMax?: number;
  /** How long an answer holds. 0: each question is asked. Default 60,000. */
  cacheMs?: number;
  /** Answers that are remembered. Default 10,000. */
  cachedAnswersMax?: number;
  /** Default: Node's. For a client certificate or a CA of your own, one over an `Agent` of undici. */
  fetch?: typeof fetch;
  /** Told when the service does not answer, or not as it should. */
  onFailure?: (error: unknown) => void;
  /** Milliseconds since 1970. Default Date.now. */
  now?: () => number;
}

/**
 * Hooks that ask the service. "allow" and "deny" decide, "ignore" leaves it to the next in a chain. What is delivered is not
 * asked about: a service that allows a filter allows its topics, unless it answers CONNECT with `permissions`.
 * @throws AuthError `TIDINGS_AUTH_OPTION` for what is no URL.
 */
export function httpHook(options: HttpHookOptions): AuthHooks {
  const hooks = new HttpHooks(options);
  const { authenticateUrl, authorizeUrl } = options;
  return {
    onAttach: (host) => hooks.onAttach(host),
    authenticate: authenticateUrl === undefined ? undefined : (request) => hooks.authenticate(request),
    permitPublish: (...question) => hooks.permitPublish(...question),
    authorizePublish: authorizeUrl === undefined ? undefined : (publish) => hooks.mayPublish(publish, authorizeUrl),
    authorizeSubscribe: (client, subscription) => hooks.maySubscribe(client, subscription, authorizeUrl),
    authorizeReceive: (principal, topicName) => hooks.authorizeReceive(principal, topicName),
  };
}

/** The body of an answer. */
interface Answer {
  readonly result: "allow" | "deny" | "ignore";
  readonly [name: string]: unknown;
}

class HttpHooks extends PermissionGuard {
  private readonly answers: AnswerCache<Answer>;
  private readonly requests: WorkLimit;
  private readonly now: () => number;
  /** Passwords are not kept, not even in a key of the cache. */
  private readonly secret = randomBytes(32);

  constructor(private readonly options: HttpHookOptions) {
    super();
    for (const url of [options.authenticateUrl, options.authorizeUrl]) {
      if (url !== undefined && !(URL.canParse(url) && /^https?:/.test(url))) {
        throw new AuthError("TIDINGS_AUTH_OPTION", `httpHook: "${url}" is no http: or https: URL`);
      }
    }
    const { requestsMax = 32, waitingMax = 1000, cacheMs = 60_000, cachedAnswersMax = 10_000 } = options;
    this.now = options.now ?? Date.now;
    this.requests = new WorkLimit(requestsMax, waitingMax, "the HTTP service");
    this.answers = new AnswerCache(cacheMs, cachedAnswersMax);
  }

  async authenticate({ client, userName, password, connect }: AuthenticateRequest): Promise<Verdict | undefined> {
    const about = { ...describe(client, userName), clientIdentifier: connect.clientIdentifier };
    const secret = password === undefined ? "" : createHmac("sha256", this.secret).update(password).digest("base64");
    const key = JSON.stringify(["authenticate", about, password !== undefined, secret]);
    const body = { ...about, ...passwordIn(password) };
    try {
      const answer = await this.ask(this.options.authenticateUrl as string, body, key);
      if (answer.result === "ignore") return undefined;
      if (answer.result === "allow") return consentIn(answer, this.now());
      return { reasonCode: ReasonCode.BadUserNameOrPassword, reasonString: textIn(answer.reasonString) };
    } catch (error) {
      if (isBusy(error)) return { reasonCode: ReasonCode.ServerBusy };
      this.options.onFailure?.(error);
      return { reasonCode: ReasonCode.ServerUnavailable };
    }
  }

  mayPublish({ client, message }: IncomingPublish, url: string): MaybePromise<ReasonCode | undefined> {
    if (client === undefined || client.principal.permissions !== undefined) return undefined;
    const { topicName, qos, retain } = message;
    return this.authorize(url, client, { action: "publish", topic: topicName, qos, retain }, noOpinion);
  }

  maySubscribe(
    client: AuthClient,
    subscription: SubscriptionRequest,
    url: string | undefined,
  ): MaybePromise<ReasonCode | undefined> {
    if (client.principal.permissions !== undefined) return this.authorizeSubscribe(client, subscription);
    if (url === undefined) return undefined;
    const { topicFilter, qos } = subscription;
    return this.authorize(url, client, { action: "subscribe", topic: topicFilter, qos }, qosIn);
  }

  /** `consent` says what an "allow" is worth. A promise only where the service has to be asked. */
  private authorize(
    url: string,
    client: AuthClient,
    question: object,
    consent: (answer: Answer) => ReasonCode | undefined,
  ): MaybePromise<ReasonCode | undefined> {
    const { principal } = client;
    const body = { ...question, ...describe(client, principal.userName), groups: principal.groups };
    const codeOf = (answer: Answer): ReasonCode | undefined => {
      if (answer.result === "ignore") return undefined;
      return answer.result === "allow" ? consent(answer) : ReasonCode.NotAuthorized;
    };
    const answer = this.ask(url, body, JSON.stringify(["authorize", body]));
    if (!(answer instanceof Promise)) return codeOf(answer);
    return answer.then(codeOf, (error) => {
      if (!isBusy(error)) this.options.onFailure?.(error);
      return ReasonCode.NotAuthorized;
    });
  }

  private ask(url: string, body: object, key: string): MaybePromise<Answer> {
    const { fetch = globalThis.fetch, headers = {}, timeoutMs = 5000 } = this.options;
    return this.answers.get(key, this.now(), () =>
      this.requests.run(async () => answerIn(await postJson(fetch, url, headers, body, timeoutMs))),
    );
  }
}

function noOpinion(): undefined {
  return undefined;
}

function qosIn({ qos }: Answer): QoS | undefined {
  return qos === 0 || qos === 1 || qos === 2 ? qos : undefined;
}

function describe({ clientIdentifier, peer }: AuthClient, userName: string | undefined) {
  const { address, tls } = (peer ?? {}) as { address?: unknown; tls?: Record<string, unknown> };
  const certificate = tls?.authorized === true ? tls : undefined;
  return {
    clientIdentifier,
    userName,
    address: textIn(address),
    certificateCommonName: textIn(certificate?.certificateCommonName),
    certificateSubject: textIn(certificate?.certificateSubject),
  };
}

function passwordIn(password: Uint8Array | undefined): { password?: string; passwordBase64?: string } {
  if (password === undefined) return {};
  try {
    return { password: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(password) };
  } catch {
    return { passwordBase64: Buffer.from(password).toString("base64") };
  }
}

function answerIn(body: unknown): Answer {
  const { result } = (body ?? {}) as Partial<Answer>;
  if (result === "allow" || result === "deny" || result === "ignore") return body as Answer;
  throw new Error('the service answered without "result": "allow", "deny" or "ignore"');
}

/** Throws for an answer that says something that cannot be understood: it may have been a restriction. */
function consentIn(answer: Answer, nowMs: number): Verdict {
  const { userName, clientIdentifier, groups, permissions, expiresAt, claims } = answer;
  const isText = (value: unknown): boolean => value === undefined || typeof value === "string";
  const isRecord = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);
  const { publish = [], subscribe = [] } = (isRecord(permissions) ? permissions : {}) as Record<string, unknown>;
  const isRight =
    isText(userName) &&
    isText(clientIdentifier) &&
    (groups === undefined || isTextList(groups)) &&
    (permissions === undefined || (isRecord(permissions) && isTextList(publish) && isTextList(subscribe))) &&
    (claims === undefined || isRecord(claims)) &&
    (expiresAt === undefined || (typeof expiresAt === "number" && Number.isFinite(expiresAt)));
  if (!isRight) throw new Error("the service answered with fields that are not of their kinds");
  const expiresAtMs = expiresAt === undefined ? undefined : (expiresAt as number) * 1000;
  if (expiresAtMs !== undefined && expiresAtMs <= nowMs) return { reasonCode: ReasonCode.BadUserNameOrPassword };
  return {
    reasonCode: ReasonCode.Success,
    userName: textIn(userName),
    clientIdentifier: textIn(clientIdentifier),
    groups: groups as string[] | undefined,
    claims: claims as Verdict["claims"],
    permissions: permissions === undefined ? undefined : ({ publish, subscribe } as Permissions),
    expiresAtMs,
  };
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

function textIn(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
