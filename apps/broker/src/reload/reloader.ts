/**
 * Reads the configuration again and makes the running broker follow it: certificates, users, access control, limits, log
 * level, the way to stop, listeners added, changed and removed. Connected clients stay. Everything is read and checked
 * before anything is changed, so a configuration with a mistake changes nothing.
 */

import { isDeepStrictEqual } from "node:util";
import type { BanList } from "@tidings/auth";
import type { BrokerHooks } from "@tidings/broker";
import type { BrokerServer } from "@tidings/broker/node";
import { changeableLimits, needingRestart } from "../config/broker-settings.js";
import type { LoadedConfiguration } from "../config/load-configuration.js";
import { ListenerSet } from "../listeners/listener-set.js";
import type { Logger } from "../logger.js";
import type { ManagedSecurity } from "../security/managed-security.js";
import { protect } from "../security/protection.js";
import { securityHooks } from "../security/security-hooks.js";

export interface ReloadReport {
  /** What is different now, in words. */
  readonly changes: readonly string[];
  /** Paths of what is written differently now and is read at start only. */
  readonly needsRestart: readonly string[];
}

export class Reloader {
  private loaded: LoadedConfiguration;
  private isGuarded: boolean;
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    started: LoadedConfiguration,
    private readonly load: () => LoadedConfiguration,
    private readonly server: BrokerServer,
    private readonly listeners: ListenerSet,
    /** Those that no configuration changes. */
    private readonly ownHooks: readonly BrokerHooks[],
    private readonly bans: BanList,
    private readonly managed: ManagedSecurity,
    security: readonly BrokerHooks[],
    private readonly logger: Logger,
  ) {
    this.loaded = started;
    this.isGuarded = security.length > 0;
  }

  /** In force. */
  get current(): LoadedConfiguration {
    return this.loaded;
  }

  /** One after the other. Rejects with a `ConfigurationError`, `ListenFailure` or `SecurityFailure`; nothing has changed then. */
  reload(): Promise<ReloadReport> {
    const next = this.last.then(() => this.reloadNow());
    this.last = next.catch(() => {});
    return next;
  }

  private async reloadNow(): Promise<ReloadReport> {
    const before = this.loaded.configuration;
    const after = this.load();
    const plans = ListenerSet.plan(after.configuration, after.directory);
    const security = await securityHooks(after, this.logger, this.managed);
    const changes = await this.listeners.become(plans);
    this.loaded = after;
    const isProtectedOtherwise = !isDeepStrictEqual(before.protection, after.configuration.protection);
    if (isProtectedOtherwise) changes.push("protection");
    if (security.length > 0 || this.isGuarded || isProtectedOtherwise) {
      this.server.broker.replaceHooks([...this.ownHooks, ...protect(security, after.configuration, this.bans)]);
      this.isGuarded = security.length > 0;
      changes.push("users and access control");
    }
    const limits = changeableLimits(after.configuration);
    // Those of listeners may be others too.
    this.server.broker.updateLimits(limits);
    if (!isDeepStrictEqual(limits, changeableLimits(before))) changes.push("limits");
    const level = after.configuration.log?.level ?? "info";
    if (level !== (before.log?.level ?? "info")) {
      this.logger.level = level;
      changes.push(`log level ${level}`);
    }
    if (!isDeepStrictEqual(before.drain, after.configuration.drain)) changes.push("drain");
    return { changes, needsRestart: needingRestart(before, after.configuration) };
  }
}
