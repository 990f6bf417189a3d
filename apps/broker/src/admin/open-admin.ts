/** The admin API of this program: what of it the API shows and changes. */
import { AdminError, type AdminServer, createAdmin } from "@tidings/admin";
import { type BanList, MemoryUserStore } from "@tidings/auth";
import type { Broker } from "@tidings/broker";
import { createBrokerMetrics } from "@tidings/metrics";
import { effectiveConfiguration } from "../config/check.js";
import { LOG_LEVELS } from "../config/schema.js";
import { ListenFailure } from "../listeners/listen-failure.js";
import type { ListenerSet } from "../listeners/listener-set.js";
import type { Logger, LogLevel } from "../logger.js";
import type { Reloader } from "../reload/reloader.js";
import type { ManagedSecurity } from "../security/managed-security.js";

export interface AdminParts {
  readonly broker: Broker;
  readonly version: string;
  readonly listeners: ListenerSet;
  readonly reloader: Reloader;
  readonly managed: ManagedSecurity;
  readonly bans: BanList;
  readonly logger: Logger;
  readonly isStopping: () => boolean;
}

/** Undefined: the configuration asks for none. Rejects with a `ListenFailure`. */
export async function openAdmin(parts: AdminParts): Promise<AdminServer | undefined> {
  const { broker, version, listeners, reloader, managed, bans, logger, isStopping } = parts;
  const { admin: section } = reloader.current.configuration;
  if (section === undefined) return undefined;
  const { host, port, token, administrators, guardsMetrics } = section;
  const known = administrators?.map(({ name, password }) => ({ userName: name, password }));
  try {
    return await createAdmin({
      broker,
      version,
      host,
      port,
      guardsMetrics,
      bans,
      tokens: token === undefined ? [] : [token],
      administrators: known === undefined ? undefined : new MemoryUserStore(known),
      metrics: createBrokerMetrics(broker),
      isReady: () => !isStopping() && broker.store.hasRoom,
      users: managed.users,
      accessRules: managed,
      listeners: () =>
        listeners.open.map(({ configuration: { name, type }, listener: { url } }) => ({ name, type, url })),
      configuration: {
        effective: () => effectiveConfiguration(reloader.current),
        reload: () => reloader.reload(),
      },
      logLevels: {
        levels: LOG_LEVELS,
        get: () => ({ "": logger.level }),
        set: (subsystem, level) => {
          if (subsystem !== "" || level === undefined) return false;
          logger.level = level as LogLevel;
          return true;
        },
      },
      onFailure: (error, request) => logger.error({ ...request, err: error }, "failure while serving the admin API"),
      onChange: (change) => logger.info(change, "changed by the admin API"),
    });
  } catch (error) {
    if (!(error instanceof AdminError)) throw error;
    throw new ListenFailure(`admin: ${error.message}. See the section admin.`);
  }
}
