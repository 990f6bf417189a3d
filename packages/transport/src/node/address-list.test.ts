import { describe, expect, test } from "vitest";
import { AddressList } from "./address-list.js";
import { forwardedAddress } from "./forwarded-address.js";

describe("a list of addresses", () => {
  test.each([
    ["192.0.2.1", true],
    ["192.0.2.2", false],
    ["10.1.2.3", true],
    ["11.1.2.3", false],
    ["::1", true],
    ["2001:db8:0:0::9", true],
    ["2001:db9::9", false],
    ["", false],
    ["somebody", false],
    [undefined, false],
  ])("%s: %s", (address, expected) => {
    expect(new AddressList(["192.0.2.1", "10.0.0.0/8", "::1", "2001:db8::/32"]).has(address)).toBe(expected);
  });

  test.each(["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8", "::/129", "localhost", "", "1.2.3", "10.0.0.0/-1"])(
    "%j is no entry",
    (entry) => {
      expect(() => new AddressList([entry])).toThrow(RangeError);
    },
  );
});

describe("X-Forwarded-For", () => {
  const trusted = new AddressList(["10.0.0.0/8"]);

  test.each([
    ["a stranger's word is nothing", "192.0.2.1", "203.0.113.9", undefined],
    ["a proxy's is believed", "10.0.0.1", "203.0.113.9", "203.0.113.9"],
    ["what the client wrote itself is skipped", "10.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"],
    ["so is a chain of proxies", "10.0.0.1", "6.6.6.6, 203.0.113.9, 10.0.0.7,10.0.0.8", "203.0.113.9"],
    ["proxies alone: the farthest", "10.0.0.1", "10.0.0.9, 10.0.0.8", "10.0.0.9"],
    ["ports are no part of it", "10.0.0.1", "203.0.113.9:4711", "203.0.113.9"],
    ["IPv6 with brackets and port", "10.0.0.1", "[2001:DB8::1]:4711", "2001:db8::1"],
    ["IPv4 in IPv6", "10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"],
    ["nonsense is nobody", "10.0.0.1", "unknown", undefined],
    ["nonsense behind a proxy: the proxy", "10.0.0.1", "x, 10.0.0.8", "10.0.0.8"],
    ["no header", "10.0.0.1", undefined, undefined],
    ["an endless list", "10.0.0.1", "1.1.1.1,".repeat(100), undefined],
  ])("%s", (_name, direct, header, expected) => {
    expect(forwardedAddress(direct, header, trusted)).toBe(expected);
  });

  test("several headers are one list", () => {
    expect(forwardedAddress("10.0.0.1", ["6.6.6.6", "203.0.113.9"], trusted)).toBe("203.0.113.9");
  });
});
