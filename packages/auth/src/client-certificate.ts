/**
 * A verified client certificate as identity: whoever the listener let in with one is the user that it names. The listener
 * must ask for certificates and verify them (`requestCert` and `ca`).
 */
import { ReasonCode } from "@tidings/packet";
import type { AuthHooks } from "./auth-hooks.js";

export interface ClientCertificateOptions {
  /** What becomes the user name: CN, or the whole subject as `C=…, O=…, CN=…`. Default "common-name". */
  userName?: "common-name" | "subject";
  /** Of everybody who comes in by certificate. */
  groups?: readonly string[];
}

/** Hooks that let in clients with a verified certificate that has a name, and have no opinion about others. */
export function clientCertificate({ userName = "common-name", groups }: ClientCertificateOptions = {}): AuthHooks {
  return {
    authenticate({ client }) {
      const tls = (client.peer as { tls?: Record<string, unknown> } | undefined)?.tls;
      if (tls?.authorized !== true) return undefined;
      const name = userName === "subject" ? tls.certificateSubject : tls.certificateCommonName;
      if (typeof name !== "string" || name === "") return undefined;
      return { reasonCode: ReasonCode.Success, userName: name, groups };
    },
  };
}
