/**
 * TLS options for a server with one or several certificates, chosen by the name that the client asks for (SNI), and what
 * a listener needs to change them while it is open.
 */
import { X509Certificate } from "node:crypto";
import type { Server } from "node:tls";
import { createSecureContext, type SecureContext, type SecureContextOptions, type TlsOptions } from "node:tls";
import type { Listener } from "../listener.js";
import { tlsConfigurationError } from "./listen-error.js";

export interface ServerCertificate {
  /** PEM; with the intermediate certificates behind its own. */
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  readonly passphrase?: string;
  /** Names it is for, `*.example.org` among them. Default: those that stand in the certificate. */
  readonly serverNames?: readonly string[];
}

export interface TlsServerSettings
  extends Omit<TlsOptions, "cert" | "key" | "passphrase" | "pfx" | "SNICallback" | "secureContext"> {
  /** The first one is for clients that ask for no name, or for one that none of them has. */
  readonly certificates: readonly [ServerCertificate, ...ServerCertificate[]];
}

/** Throws a `TransportError` when a key or certificate cannot be used. TLS before 1.2 only when `minVersion` asks for it. */
export function tlsServerOptions(settings: TlsServerSettings): TlsOptions {
  const { certificates, ...rest } = settings;
  const options = { minVersion: "TLSv1.2" as const, ...rest };
  const contexts = new Map<string, SecureContext>();
  for (const certificate of certificates) {
    const context = secureContextOf(certificate, options);
    // The first one that has a name keeps it.
    for (const name of namesOf(certificate)) if (!contexts.has(name)) contexts.set(name, context);
  }
  const { cert, key, passphrase } = certificates[0];
  return {
    ...options,
    cert,
    key,
    passphrase,
    SNICallback: (serverName, callback) => callback(null, find(contexts, serverName)),
  };
}

function secureContextOf({ cert, key, passphrase }: ServerCertificate, shared: SecureContextOptions): SecureContext {
  try {
    return createSecureContext({ ...shared, cert, key, passphrase });
  } catch (cause) {
    throw tlsConfigurationError(cause, "a TLS listener");
  }
}

function namesOf({ cert, serverNames }: ServerCertificate): string[] {
  if (serverNames !== undefined) return serverNames.map((name) => name.toLowerCase());
  const { subjectAltName = "", subject = "" } = new X509Certificate(cert);
  const names = [...subjectAltName.matchAll(/DNS:([^,\s"]+)/g)].map(([, name]) => name.toLowerCase());
  const commonName = /^CN=(\S+)$/m.exec(subject)?.[1];
  return names.length > 0 || commonName === undefined ? names : [commonName.toLowerCase()];
}

/** The name itself, or the certificate for all names one level below (RFC 6125 section 6.4.3). */
function find(contexts: ReadonlyMap<string, SecureContext>, serverName: string): SecureContext | undefined {
  const name = serverName.toLowerCase();
  const dot = name.indexOf(".");
  return contexts.get(name) ?? (dot < 0 ? undefined : contexts.get(`*${name.slice(dot)}`));
}

/** A listener whose certificates can be changed. */
export interface TlsListener extends Listener {
  /**
   * Key, certificate, CA, CRL, versions, ciphers and `SNICallback` for the handshakes to come; connections stay as they
   * are. Whether a client certificate is asked for, and ALPN, stay what they were. Throws a `TransportError`, and then
   * nothing has changed.
   */
  updateTls(tls: TlsOptions): void;
}

/** The options of a listener, of which `SNICallback` and the secure context can be replaced. */
export class ChangeableTls {
  readonly options: TlsOptions;
  private serverNames: TlsOptions["SNICallback"];

  constructor(tls: TlsOptions) {
    this.serverNames = tls.SNICallback;
    // No context from the callback means the server's own one.
    this.options = {
      ...tls,
      SNICallback: (name, callback) => {
        if (this.serverNames === undefined) callback(null, undefined);
        else this.serverNames(name, callback);
      },
    };
  }

  update(server: Pick<Server, "setSecureContext">, tls: TlsOptions, place: string): void {
    const { SNICallback, ...context } = tls;
    try {
      createSecureContext(context);
      server.setSecureContext(context);
    } catch (cause) {
      throw tlsConfigurationError(cause, place);
    }
    this.serverNames = SNICallback;
  }
}
