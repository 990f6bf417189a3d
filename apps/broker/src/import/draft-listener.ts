/** A listener of mosquitto while its lines are read, and the section that comes out. */
import type { MosquittoLine } from "./mosquitto-lines.js";
import type { Draft } from "./translate-mosquitto.js";

export interface DraftListener {
  readonly place: string;
  readonly index: number;
  port: number;
  /** Undefined: every address. */
  host: string | undefined;
  /** Of a Unix socket. */
  path: string | undefined;
  isWebSocket: boolean;
  allowAnonymous: boolean | undefined;
  readonly authentication: Record<string, unknown>;
  readonly access: Record<string, unknown>;
  readonly limits: Record<string, unknown>;
  readonly tls: {
    certificate?: string;
    key?: string;
    readonly rest: Record<string, unknown>;
    authorities: string[];
    isRequired: boolean;
    ciphers: string[];
  };
  /** Everything that is written as it is. */
  readonly rest: Record<string, unknown>;
}

/** From `listener 1883 [address or path]`. */
export function newListener({ place, value }: MosquittoLine, index: number): DraftListener {
  const [, port = "", where] = /^(\S+)(?:\s+(.+))?$/.exec(value) ?? [];
  const number = /^\d+$/.test(port) ? Number(port) : Number.NaN;
  const path = number === 0 ? where : undefined;
  return {
    place,
    index,
    port: number,
    host: path === undefined ? where : undefined,
    path,
    isWebSocket: false,
    allowAnonymous: undefined,
    authentication: {},
    access: {},
    limits: {},
    tls: { rest: {}, authorities: [], isRequired: false, ciphers: [] },
    rest: {},
  };
}

export function finishListener(listener: DraftListener, draft: Draft): Record<string, unknown> {
  const { tls, path, place, index, isWebSocket } = listener;
  const isSecure = tls.certificate !== undefined;
  if (isSecure !== (tls.key !== undefined)) draft.notes.push(`${place}: certfile and keyfile go together.`);
  const type = path !== undefined ? "unix" : isWebSocket ? (isSecure ? "wss" : "ws") : isSecure ? "tls" : "tcp";
  const allowAnonymous = listener.allowAnonymous ?? draft.allowAnonymous;
  const { authentication, access, limits } = listener;
  return {
    name: index === 0 && type === "tcp" ? "mqtt" : `listener-${index + 1}`,
    type,
    ...(path === undefined
      ? { host: listener.host ?? "::", port: Number.isNaN(listener.port) ? null : listener.port }
      : { path }),
    ...(allowAnonymous === undefined ? {} : { allowAnonymous }),
    ...(isWebSocket && path === undefined ? { path: "/mqtt" } : {}),
    ...(draft.noDelay === undefined || path !== undefined ? {} : { noDelay: draft.noDelay }),
    ...listener.rest,
    ...(isSecure ? { tls: finishTls(listener) } : {}),
    ...written({ authentication, access, limits }),
  };
}

function finishTls({ tls }: DraftListener): Record<string, unknown> {
  return {
    certificates: [{ certificate: tls.certificate, key: tls.key ?? null }],
    ...(tls.isRequired ? { clientCertificate: "required" } : {}),
    ...(tls.authorities.length > 0 ? { clientAuthorities: tls.authorities } : {}),
    ...(tls.ciphers.length > 0 ? { ciphers: tls.ciphers.join(":") } : {}),
    ...tls.rest,
  };
}

function written(sections: Record<string, Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(sections).filter(([, section]) => Object.keys(section).length > 0));
}
