export type { ByteStream, ByteStreamHandler } from "./byte-stream.js";
export { ConnectionRate, type ConnectionRateOptions, RATE_ADDRESSES_MAX_DEFAULT } from "./connection-rate.js";
export type { Listener } from "./listener.js";
export { createMemoryPair, MEMORY_CAPACITY_BYTES_DEFAULT, type MemoryPairOptions } from "./memory-pair.js";
export { networkOf } from "./network-of.js";
export type { PeerInfo, TlsPeerInfo, TransportName } from "./peer-info.js";
export { TransportError, type TransportErrorCode } from "./transport-error.js";
