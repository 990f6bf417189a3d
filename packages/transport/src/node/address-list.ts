/** A list of IP addresses and networks, such as the proxies that are believed. */
import { BlockList, isIP } from "node:net";

export class AddressList {
  private readonly list = new BlockList();

  /** `192.0.2.1`, `2001:db8::1`, `10.0.0.0/8`. Throws a `RangeError` that names the entry which is none of these. */
  constructor(entries: readonly string[]) {
    for (const entry of entries) {
      const problem = addressProblem(entry);
      if (problem !== undefined) throw new RangeError(`"${entry}" ${problem}`);
      const [address, prefix] = entry.split("/");
      const family = familyOf(address);
      if (prefix === undefined) this.list.addAddress(address, family);
      else this.list.addSubnet(address, Number(prefix), family);
    }
  }

  has(address: string | undefined): boolean {
    return address !== undefined && isIP(address) > 0 && this.list.check(address, familyOf(address));
  }
}

/** Why this is no entry of such a list, as the end of a sentence; undefined: it is one. */
export function addressProblem(entry: string): string | undefined {
  const [address, prefix, ...rest] = entry.split("/");
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return "is no IP address, and no network such as 10.0.0.0/8";
  const bitsMax = version === 4 ? 32 : 128;
  if (prefix !== undefined && !(/^\d{1,3}$/.test(prefix) && Number(prefix) <= bitsMax)) {
    return `has no prefix length from 0 to ${bitsMax}`;
  }
  return undefined;
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 4 ? "ipv4" : "ipv6";
}
