/** IP addresses and networks, and whether one is among them. An IPv4 address in IPv6 form counts as what it is. */
import { BlockList, isIP, isIPv4 } from "node:net";

/** Throws what `wrong` makes of an entry that is no address and no network. */
export function addressesOf(entries: readonly string[], wrong: (what: string) => Error): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address, prefix, ...rest] = entry.split("/");
    const family = isIPv4(address) ? "ipv4" : "ipv6";
    const bits = family === "ipv4" ? 32 : 128;
    const length = prefix === undefined ? bits : Number(prefix);
    const isLength = prefix === undefined || (/^\d+$/.test(prefix) && length <= bits);
    if (isIP(address) === 0 || !isLength || rest.length > 0) {
      throw wrong(`has "${entry}", which is no IP address and no network such as 10.0.0.0/8`);
    }
    list.addSubnet(address, length, family);
  }
  return list;
}

export function isListed(list: BlockList, address: unknown): boolean {
  if (typeof address !== "string" || isIP(address) === 0) return false;
  return list.check(address, isIPv4(address) ? "ipv4" : "ipv6");
}
