/**
 * Who a request comes from when proxies are in between: the last address in `X-Forwarded-For` that is no proxy of ours.
 * What stands before it is the client's own word and proves nothing.
 */
import { isIP } from "node:net";
import type { AddressList } from "./address-list.js";
import { plainAddress } from "./peer-info-of-socket.js";

/** Longer lists are not a chain of proxies. */
const ADDRESSES_MAX = 64;

/** `direct` is who connected. Undefined: it is no proxy of ours, or a proxy that forwards nothing believable. */
export function forwardedAddress(
  direct: string | undefined,
  header: string | readonly string[] | undefined,
  trusted: AddressList,
): string | undefined {
  if (header === undefined || !trusted.has(direct)) return undefined;
  const entries = (typeof header === "string" ? header : header.join(",")).split(",", ADDRESSES_MAX + 1);
  if (entries.length > ADDRESSES_MAX) return undefined;
  let farthest: string | undefined;
  for (const entry of entries.reverse()) {
    const address = addressIn(entry.trim());
    if (address === undefined) return farthest;
    farthest = address;
    if (!trusted.has(address)) return address;
  }
  return farthest;
}

/** Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function addressIn(entry: string): string | undefined {
  const bracketed = /^\[([^\]]{2,45})\](:\d{1,5})?$/.exec(entry)?.[1];
  const withPort = /^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/.exec(entry)?.[1];
  const address = bracketed ?? withPort ?? entry;
  return isIP(address) > 0 ? plainAddress(address.toLowerCase()) : undefined;
}
