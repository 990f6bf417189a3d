/** Clients, sessions and subscriptions as they are told. */
import { type Static, Type } from "@sinclair/typebox";
import type { Client, SessionEntry, SubscriptionEntry } from "@tidings/broker";

export const clientIdParameter = Type.Object({
  clientId: Type.String({ minLength: 1, maxLength: 65_535, description: "Client Identifier, percent-encoded." }),
});

export const subscriptionSchema = Type.Object({
  clientId: Type.Optional(Type.String({ description: "Absent: the host process." })),
  topicFilter: Type.String(),
  qos: Type.Integer({ minimum: 0, maximum: 2 }),
  noLocal: Type.Boolean(),
  retainAsPublished: Type.Boolean(),
  retainHandling: Type.Integer({ minimum: 0, maximum: 2 }),
  subscriptionIdentifier: Type.Optional(Type.Integer()),
});

const time = (description: string) => Type.Optional(Type.String({ format: "date-time", description }));

export const sessionSchema = Type.Object({
  clientId: Type.String(),
  userName: Type.Optional(Type.String()),
  isConnected: Type.Boolean(),
  sessionExpiryIntervalSeconds: Type.Integer({ description: "4294967295: it never ends." }),
  disconnectedAt: time("Absent while connected."),
  expiresAt: time("Absent while connected, and when it never ends."),
  subscriptionCount: Type.Integer(),
  queuedMessages: Type.Integer(),
  queuedBytes: Type.Integer(),
  inFlightMessages: Type.Integer(),
  isStored: Type.Boolean({ description: "It outlives the broker's process." }),
  hasWill: Type.Boolean(),
  lastDeliveryMs: Type.Optional(
    Type.Number({ description: "From a message's coming to the client's acknowledgement, the last that was timed." }),
  ),
});

const connectionSchema = Type.Object({
  protocolVersion: Type.String({ description: "3.1, 3.1.1 or 5.0." }),
  address: Type.Optional(Type.String()),
  port: Type.Optional(Type.Integer()),
  proxyAddress: Type.Optional(Type.String()),
  transport: Type.Optional(Type.String()),
  listener: Type.Optional(Type.String()),
  connectedAt: Type.String({ format: "date-time" }),
  keepAliveSeconds: Type.Integer(),
  cleanStart: Type.Boolean(),
  groups: Type.Array(Type.String()),
});

export const clientSchema = Type.Composite([sessionSchema, connectionSchema]);

export type SessionJson = Static<typeof sessionSchema>;

export function describeSubscription({ clientIdentifier, ...rest }: SubscriptionEntry) {
  return { clientId: clientIdentifier, ...rest };
}

export function describeSession(session: SessionEntry): SessionJson {
  const { clientIdentifier, client, sessionExpiryInterval, disconnectedAtMs, expiresAtMs, ...rest } = session;
  return {
    ...rest,
    clientId: clientIdentifier,
    isConnected: client !== undefined,
    sessionExpiryIntervalSeconds: sessionExpiryInterval,
    disconnectedAt: momentOf(disconnectedAtMs),
    expiresAt: momentOf(expiresAtMs),
  };
}

const VERSIONS: Readonly<Record<number, string>> = { 3: "3.1", 4: "3.1.1", 5: "5.0" };

export function describeClient(session: SessionEntry, client: Client): Static<typeof clientSchema> {
  const { address, port, proxyAddress, transport } = (client.peer ?? {}) as Record<string, never>;
  return {
    ...describeSession(session),
    protocolVersion: VERSIONS[client.protocolVersion],
    address,
    port,
    proxyAddress,
    transport,
    listener: client.listener?.name,
    connectedAt: new Date(client.connectedAtMs).toISOString(),
    keepAliveSeconds: client.keepAlive,
    cleanStart: client.cleanStart,
    groups: [...client.principal.groups],
  };
}

/** The address a client came from; undefined where it has none. */
export function addressOf(client: Client | undefined): string | undefined {
  return (client?.peer as { address?: string } | undefined)?.address;
}

/** The last moment that a date can name. */
const TIME_MAX_MS = 8.64e15;

export function momentOf(timeMs: number | undefined): string | undefined {
  return timeMs === undefined || timeMs > TIME_MAX_MS ? undefined : new Date(timeMs).toISOString();
}
