/** Opens the client of a profile in the browser. */
import { createClient, scramSha256 } from "@tidings/client";
import { indexedDbSessionStore } from "@tidings/client/indexed-db-session-store";
import { connectOptions } from "../model/connect-options.js";
import type { OpenClient } from "../model/connection.js";

export const openClient: OpenClient = (profile, events) => {
  const { url, username, password, clientIdentifier } = profile;
  const client = createClient(url, {
    ...connectOptions(profile),
    ...(!profile.reconnect && { reconnect: false }),
    ...(profile.storeSession && { sessionStore: indexedDbSessionStore(`tidings ${url} ${clientIdentifier}`) }),
    ...(profile.authentication === "scram-sha-256" && { authentication: scramSha256({ username, password }) }),
    onConnect: (server) => events.onConnect(server),
    onDisconnect: (error, retryInMs) => events.onDisconnect(error, retryInMs !== undefined),
    // Attempts that never became a connection are told here.
    onError: (error) => {
      if (client.status !== "connected") events.onDisconnect(error, client.status !== "closed");
    },
    onMessage: (message) => events.onMessage(message),
  });
  return client;
};
