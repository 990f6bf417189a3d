/** Reads the files that TLS needs, into what Node's `tls.connect` takes. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ConnectionOptions, rootCertificates } from "node:tls";
import { Failure } from "../failure.js";
import { systemReason } from "../system-reason.js";
import type { TlsSettings } from "./connection-settings.js";

/** Throws a `Failure` that names the file. */
export function loadTls(settings: TlsSettings): ConnectionOptions {
  const { caFile, caFolder, certFile, keyFile, psk, pskIdentity, insecure } = settings;
  const authorities = [
    ...(caFile === undefined ? [] : [readText(caFile, "--cafile")]),
    ...(caFolder === undefined ? [] : readFolder(caFolder)),
  ];
  return {
    ...(authorities.length > 0 && { ca: authorities }),
    ...(certFile !== undefined && { cert: readText(certFile, "--cert") }),
    ...(keyFile !== undefined && { key: readText(keyFile, "--key") }),
    ...(settings.keyPassphrase !== undefined && { passphrase: settings.keyPassphrase }),
    ...(settings.ciphers !== undefined && { ciphers: settings.ciphers }),
    ...(settings.minimumVersion !== undefined && { minVersion: settings.minimumVersion }),
    ...(settings.alpnProtocol !== undefined && { ALPNProtocols: [settings.alpnProtocol] }),
    ...(insecure === "name" && { checkServerIdentity: () => undefined }),
    ...(insecure === "certificate" && { rejectUnauthorized: false }),
    ...(psk !== undefined && preSharedKey(psk, pskIdentity ?? "", settings.ciphers)),
  };
}

/** Both sides know the key, so there is no certificate whose name could be checked. */
function preSharedKey(psk: string, identity: string, ciphers = "PSK"): ConnectionOptions {
  if (!/^([0-9a-f]{2})+$/i.test(psk)) {
    throw new Failure("--psk is not hexadecimal. Use pairs of the digits 0-9 and a-f, without 0x.");
  }
  const key = Buffer.from(psk, "hex");
  return {
    pskCallback: () => ({ psk: key, identity }),
    ciphers,
    checkServerIdentity: () => undefined,
  } as ConnectionOptions;
}

function readText(path: string, flag: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Failure(`Cannot read ${path} (${flag}): ${systemReason(error)}.`);
  }
}

/** Every file in the folder, as OpenSSL's `c_rehash` leaves it: certificates under several names. */
function readFolder(folder: string): string[] {
  try {
    const texts = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() || entry.isSymbolicLink())
      .map(({ name }) => readFileSync(join(folder, name), "utf8"))
      .filter((text) => text.includes("-----BEGIN CERTIFICATE-----"));
    return texts.length > 0 ? [...new Set(texts)] : [...rootCertificates];
  } catch (error) {
    throw new Failure(`Cannot read the folder ${folder} (--capath): ${systemReason(error)}.`);
  }
}
