export { type BrokerMetrics, type BrokerMetricsOptions, createBrokerMetrics } from "./broker-metrics.js";
export { publishSysTopics, type SysTopics, type SysTopicsOptions } from "./publish-sys-topics.js";
