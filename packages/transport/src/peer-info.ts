/** Where a stream's peer is and how it came. */

export type TransportName = "tcp" | "tls" | "ws" | "wss" | "unix" | "memory";

export interface PeerInfo {
  readonly transport: TransportName;
  /** IP address of the peer; for a Unix socket, the path it connected to. Absent where there is none. */
  readonly address?: string;
  readonly port?: number;
  /** Of the trusted proxy that told `address`; absent when the peer connected itself. */
  readonly proxyAddress?: string;
  readonly localAddress?: string;
  readonly localPort?: number;
  /** Present on `tls` and `wss`, and where a trusted proxy says that its client came by TLS. */
  readonly tls?: TlsPeerInfo;
  /** Headers of the upgrade request, names in lower case; on accepted `ws` and `wss` streams. Written by the peer. */
  readonly httpHeaders?: Readonly<Record<string, string | string[] | undefined>>;
}

export interface TlsPeerInfo {
  /** The peer's certificate was asked for and verified. Only then may the certificate fields be trusted. */
  readonly authorized: boolean;
  /** For example `TLSv1.3`. */
  readonly protocol?: string;
  /** The name the client asked for (SNI). */
  readonly serverName?: string;
  readonly certificateCommonName?: string;
  /** The whole subject as `C=…, O=…, CN=…`, in the order of the certificate. */
  readonly certificateSubject?: string;
}
