/** What the schema cannot see: things that stand apart and do not go together. */
import { isIP } from "node:net";
import type { ListenerConfiguration } from "./listener-schema.js";
import type { Path } from "./path.js";
import type { Configuration } from "./schema.js";

export interface WholeProblem {
  readonly path: Path;
  readonly message: string;
}

export const HOST_DEFAULT = "127.0.0.1";

export function checkWhole(configuration: Configuration): WholeProblem[] {
  const { listeners = [], storage } = configuration;
  const problems = [
    ...twice(listeners.map(({ name }) => name)).map(([index, name]) => ({
      path: ["listeners", index, "name"],
      message: `the name ${name} is that of another listener: each needs its own.`,
    })),
    ...twice(listeners.map(placeOf)).map(([index, place]) => ({
      path: ["listeners", index, "type" in listeners[index] && listeners[index].type === "unix" ? "path" : "port"],
      message: `another listener is on ${place} already.`,
    })),
    ...listeners.flatMap((listener, index) => checkAnonymous(configuration, listener, index)),
    ...listeners.flatMap((listener, index) => checkTls(listener, index)),
    ...[configuration, ...listeners].flatMap((part, index) =>
      checkAuthentication(part, index === 0 ? [] : ["listeners", index - 1]),
    ),
  ];
  const { admin } = configuration;
  if (admin !== undefined && admin.token === undefined && admin.administrators === undefined) {
    problems.push({ path: ["admin"], message: "nobody could use the admin API: write token or administrators." });
  }
  if (storage?.memory === true && storage.directory !== undefined) {
    problems.push({
      path: ["storage", "directory"],
      message: "storage.memory keeps nothing there: write one of them.",
    });
  }
  if (configuration.drain?.isMovedForGood === true && configuration.drain.serverReference === undefined) {
    problems.push({
      path: ["drain", "isMovedForGood"],
      message: "drain.serverReference is missing: name the other server.",
    });
  }
  return problems;
}

/** What decides who may come in through it: its own, or the broker's. */
function authenticates({ authentication }: Configuration, listener: ListenerConfiguration): boolean {
  const sources = listener.authentication ?? authentication ?? {};
  return Object.values(sources).some((source) => source !== undefined && source !== false);
}

/** Whether clients without a user name may come in through it. */
export function letsAnybodyIn(configuration: Configuration, listener: ListenerConfiguration): boolean {
  return listener.allowAnonymous ?? !authenticates(configuration, listener);
}

/** Nobody but programs on this machine can reach it. */
export function isPrivate(listener: ListenerConfiguration): boolean {
  return listener.type === "unix" || isLoopback(listener.host ?? HOST_DEFAULT);
}

function isLoopback(host: string): boolean {
  if (host.toLowerCase() === "localhost") return true;
  const address = host.startsWith("::ffff:") ? host.slice(7) : host;
  return host === "::1" || (isIP(address) === 4 && address.startsWith("127."));
}

function checkAnonymous(configuration: Configuration, listener: ListenerConfiguration, index: number): WholeProblem[] {
  if (authenticates(configuration, listener)) return [];
  const name = `the listener ${listener.name}`;
  if (listener.allowAnonymous === false) {
    const message = `nobody could come in through ${name}: configure authentication, or write allowAnonymous: true.`;
    return [{ path: ["listeners", index, "allowAnonymous"], message }];
  }
  if (listener.allowAnonymous === true || isPrivate(listener)) return [];
  const host = "host" in listener ? listener.host : "";
  const message =
    `${name} would be open to everybody who reaches ${host}: configure authentication, listen on 127.0.0.1, ` +
    `or write allowAnonymous: true (--allow-anonymous) if that is what you want.`;
  return [{ path: ["listeners", index, "host"], message }];
}

/** Node would believe every public authority otherwise. */
function checkTls(listener: ListenerConfiguration, index: number): WholeProblem[] {
  const { clientCertificate = "none", clientAuthorities } = "tls" in listener ? listener.tls : {};
  if (clientCertificate === "none" || clientAuthorities !== undefined) return [];
  const message = "clientAuthorities is missing: name the CA whose client certificates are accepted.";
  return [{ path: ["listeners", index, "tls", "clientCertificate"], message }];
}

function checkAuthentication({ authentication }: Pick<Configuration, "authentication">, path: Path): WholeProblem[] {
  const problems: WholeProblem[] = [];
  const place = [...path, "authentication"];
  const { jwt, http, users = [] } = authentication ?? {};
  if (jwt !== undefined) {
    const keys = [jwt.secret, jwt.publicKey, jwt.jwksFile, jwt.jwksUrl].filter((key) => key !== undefined);
    if (keys.length !== 1) {
      problems.push({
        path: [...place, "jwt"],
        message: "jwt needs exactly one of secret, publicKey, jwksFile and jwksUrl.",
      });
    }
  }
  if (http !== undefined && http.authenticateUrl === undefined && http.authorizeUrl === undefined) {
    problems.push({ path: [...place, "http"], message: "http needs authenticateUrl, authorizeUrl, or both." });
  }
  for (const [index, name] of twice(users.map((user) => user.name))) {
    problems.push({ path: [...place, "users", index, "name"], message: `the user ${name} stands there twice.` });
  }
  return problems;
}

function placeOf(listener: ListenerConfiguration): string | undefined {
  if (listener.type === "unix") return listener.path;
  return listener.port === 0 ? undefined : `${listener.host ?? HOST_DEFAULT} port ${listener.port}`;
}

/** Those that were there before, with their index. */
function twice(values: readonly (string | undefined)[]): [number, string][] {
  return values.flatMap((value, index): [number, string][] =>
    value !== undefined && values.indexOf(value) < index ? [[index, value]] : [],
  );
}
