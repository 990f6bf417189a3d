/**
 * Whom an address stands for when addresses are counted: an IPv4 address for itself, an IPv6 address for its /64 network,
 * which is what one customer has at least. Everything else, such as the path of a Unix socket, for itself.
 */
export function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const [plain] = address.split("%"); // without the zone of a link-local address
  if (plain.includes(".")) return plain.slice(plain.lastIndexOf(":") + 1); // IPv4 in IPv6 form
  const [left, right] = plain.split("::");
  const groups = groupsOf(left);
  if (right !== undefined) {
    const behind = groupsOf(right);
    while (groups.length + behind.length < 8) groups.push("0");
    groups.push(...behind);
  }
  return `${groups.slice(0, 4).map(shortest).join(":")}::/64`;
}

function groupsOf(text: string): string[] {
  return text === "" ? [] : text.split(":");
}

function shortest(group: string): string {
  return group.toLowerCase().replace(/^0+(?=.)/, "");
}
