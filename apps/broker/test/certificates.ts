/** Certificates made by openssl for one test file: a CA, servers, clients, and a list of those revoked. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "./temporary-directory.js";

export interface Issued {
  readonly certificate: string;
  readonly key: string;
}

export class Certificates {
  readonly directory = temporaryDirectory();
  readonly authority = this.path("ca.pem");

  constructor() {
    mkdirSync(this.path("issued"));
    writeFileSync(this.path("index.txt"), "");
    writeFileSync(this.path("index.txt.attr"), "unique_subject = no\n");
    writeFileSync(this.path("serial"), "1000\n");
    writeFileSync(this.path("crlnumber"), "1000\n");
    writeFileSync(this.path("ca.cnf"), configuration(this.directory));
    const request = ["req", "-x509", ...NEW_KEY, "-days", "30", "-subj", "/CN=Test CA"];
    this.openssl(...request, "-keyout", this.path("ca.key"), "-out", this.authority);
  }

  /** Names are for a server; a client needs none. */
  issue(commonName: string, names: readonly string[] = []): Issued {
    const id = `${commonName.replace(/\W/g, "_")}-${Math.floor(performance.now() * 1000)}`;
    const [key, request, certificate] = [".key", ".csr", ".pem"].map((ending) => this.path(id + ending));
    const extensions = names.length === 0 ? [] : ["-addext", `subjectAltName=${names.join(",")}`];
    const subject = `/O=Tests/CN=${commonName}`;
    this.openssl("req", ...NEW_KEY, "-subj", subject, ...extensions, "-keyout", key, "-out", request);
    this.authorize("-days", "30", "-in", request, "-out", certificate);
    return { certificate, key };
  }

  /** The list afterwards. */
  revoke(...issued: readonly Issued[]): string {
    for (const { certificate } of issued) this.authorize("-revoke", certificate);
    this.authorize("-gencrl", "-crldays", "30", "-out", this.path("crl.pem"));
    return this.path("crl.pem");
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  private authorize(...args: string[]): void {
    this.openssl("ca", "-batch", "-notext", "-config", this.path("ca.cnf"), ...args);
  }

  private openssl(...args: string[]): void {
    execFileSync("openssl", args, { stdio: "pipe" });
  }
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

function configuration(directory: string): string {
  return `[ca]
default_ca = own
[own]
dir = ${directory}
database = $dir/index.txt
new_certs_dir = $dir/issued
serial = $dir/serial
crlnumber = $dir/crlnumber
certificate = $dir/ca.pem
private_key = $dir/ca.key
default_md = sha256
policy = any
copy_extensions = copy
[any]
organizationName = optional
commonName = supplied
`;
}
