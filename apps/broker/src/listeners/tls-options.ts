/** Reads the certificates of a listener's section `tls`. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { TlsOptions } from "node:tls";
import { TransportError } from "@tidings/transport";
import { type ServerCertificate, tlsServerOptions } from "@tidings/transport/node";
import type { TlsConfiguration } from "../config/listener-schema.js";
import { ListenFailure } from "./listen-failure.js";

export interface LoadedTls {
  readonly options: TlsOptions;
  /** Changes with the content of any of the files. */
  readonly fingerprint: string;
}

/** Throws a `ListenFailure` that names the file, or the listener. */
export function loadTls(tls: TlsConfiguration, listenerName: string, directory: string): LoadedTls {
  const read = (place: string): string => readPem(place, listenerName, directory);
  const readAll = (places: string | readonly string[] | undefined): string[] | undefined =>
    places === undefined ? undefined : [places].flat().map(read);
  const certificates = tls.certificates.map(({ certificate, key, passphrase, serverNames }) => ({
    cert: read(certificate),
    key: read(key),
    passphrase,
    serverNames,
  })) as unknown as [ServerCertificate, ...ServerCertificate[]];
  const { clientCertificate = "none", minimumVersion = "1.2", ciphers, applicationProtocols } = tls;
  const settings = {
    certificates,
    ca: readAll(tls.clientAuthorities),
    crl: readAll(tls.revocationLists),
    requestCert: clientCertificate !== "none",
    rejectUnauthorized: clientCertificate === "required",
    minVersion: `TLSv${minimumVersion}` as const,
    ciphers,
    ALPNProtocols: applicationProtocols,
  };
  const fingerprint = createHash("sha256").update(JSON.stringify(settings)).digest("hex");
  try {
    return { options: tlsServerOptions(settings), fingerprint };
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    throw new ListenFailure(`The certificates of the listener ${listenerName} cannot be used: ${error.message}`);
  }
}

function readPem(place: string, listenerName: string, directory: string): string {
  if (place.startsWith("-----BEGIN")) return place;
  const path = resolve(directory, place);
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new ListenFailure(`The listener ${listenerName} cannot read ${path}: ${(error as Error).message}`);
  }
}
