/**
 * The acl_file of mosquitto: what its text means, and what it decides, as mosquitto 2.0 does.
 *
 *     topic [read|write|readwrite|deny] <filter>     for clients without a user name, or for the user named above
 *     user <name>
 *     pattern [read|write|readwrite|deny] <filter>   for everybody; %u and %c stand for user name and Client Identifier
 *
 * Of the lines for a client's user (or for anonymous ones) a deny that matches decides first, then one that allows what is
 * asked; then the same among patterns; what nothing allows is denied. A client with a user name and no lines of its own is
 * not anonymous. Subscribing is always allowed: what is delivered is decided topic by topic.
 */
import { isTopicFilter, matches } from "@tidings/topic";
import type { Access, AccessPolicy } from "./access-policy.js";
import { AuthError } from "./auth-error.js";
import type { Principal } from "./auth-hooks.js";

const READ = 1;
const WRITE = 2;

const ACCESS: Readonly<Record<string, number>> = { read: READ, write: WRITE, readwrite: READ | WRITE, deny: 0 };

interface Line {
  /** 0: denied. */
  readonly access: number;
  readonly topicFilter: string;
}

/** @throws AuthError `TIDINGS_ACL_FILE` naming the line. */
export function parseAclFile(text: string): AccessPolicy {
  const anonymous: Line[] = [];
  const users = new Map<string, Line[]>();
  const patterns: Line[] = [];
  let own = anonymous;
  for (const [index, untrimmed] of text.split("\n").entries()) {
    const line = untrimmed.trimEnd();
    if (line.startsWith("#") || line === "") continue;
    const [, keyword, rest] = /^ *([^ ]+) *(.*)$/.exec(line) as RegExpExecArray;
    if (keyword === "user") {
      const userName = rest.trim();
      if (userName === "") throw wrong(index, "names no user");
      own = users.get(userName) ?? [];
      users.set(userName, own);
    } else if (keyword === "topic") {
      own.push(parseLine(index, rest));
    } else if (keyword === "pattern") {
      patterns.push(parseLine(index, rest));
    } else {
      throw wrong(index, `begins with "${keyword}", not with topic, user or pattern`);
    }
  }
  return { accessOf: (principal) => new AclFileAccess(principal, ownLines(principal), patterns) };

  function ownLines({ userName }: Principal): readonly Line[] {
    return (userName === undefined ? anonymous : users.get(userName)) ?? [];
  }
}

function parseLine(index: number, rest: string): Line {
  const [, first, second] = /^([^ ]*) *(.*)$/.exec(rest) as RegExpExecArray;
  const access = second === "" ? READ | WRITE : ACCESS[first];
  const topicFilter = second === "" ? first : second.trim();
  if (access === undefined) throw wrong(index, `says "${first}", not read, write, readwrite or deny`);
  if (!isTopicFilter(topicFilter)) throw wrong(index, `has "${topicFilter}", which is no Topic Filter`);
  return { access, topicFilter };
}

class AclFileAccess implements Access {
  private readonly lines: readonly Line[];
  private readonly patterns: readonly Line[];
  /** The name would be taken for a wildcard: nothing that the user's own lines do not allow. */
  private readonly isHostile: boolean;

  constructor({ userName, clientIdentifier }: Principal, lines: readonly Line[], patterns: readonly Line[]) {
    this.lines = lines.filter(isPlain);
    this.isHostile = /[+#]/.test(userName ?? "") || /[+#]/.test(clientIdentifier);
    this.patterns = patterns
      .filter(({ topicFilter }) => userName !== undefined || !topicFilter.includes("%u"))
      .map(({ access, topicFilter }) => {
        const filled = topicFilter.replace(/%[cu]/g, (place) => (place === "%c" ? clientIdentifier : (userName ?? "")));
        return { access, topicFilter: filled };
      })
      .filter(isPlain);
  }

  publish(topicName: string): boolean {
    return this.allows(topicName, WRITE);
  }

  receive(topicName: string): boolean {
    return this.allows(topicName, READ);
  }

  subscribe(): 2 {
    return 2;
  }

  private allows(topicName: string, access: number): boolean {
    const own = decide(this.lines, topicName, access);
    if (own !== undefined) return own;
    return !this.isHostile && (decide(this.patterns, topicName, access) ?? false);
  }
}

/** "$share/…" would match what comes behind; no topic begins with it. */
function isPlain({ topicFilter }: Line): boolean {
  return !topicFilter.startsWith("$share/");
}

function decide(lines: readonly Line[], topicName: string, access: number): boolean | undefined {
  let allowed: true | undefined;
  for (const line of lines) {
    if (line.access === 0 ? false : allowed === true || (line.access & access) === 0) continue;
    if (!matches(line.topicFilter, topicName)) continue;
    if (line.access === 0) return false;
    allowed = true;
  }
  return allowed;
}

function wrong(index: number, what: string): AuthError {
  return new AuthError("TIDINGS_ACL_FILE", `line ${index + 1} of the ACL file ${what}`);
}
