export { AdminError } from "./admin-error.js";
export {
  type AccessRuleStore,
  ADMIN_LIMITS_DEFAULT,
  type AdminChange,
  type AdminLimits,
  type AdminOptions,
  type Ban,
  type BanList,
  type ConfigurationAccess,
  type ListenerEntry,
  type LogLevels,
  type MetricsText,
  type ReloadReport,
} from "./admin-options.js";
export { type AdminServer, createAdmin } from "./create-admin.js";
