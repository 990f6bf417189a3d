import { afterEach, describe, expect, test, vi } from "vitest";
import type { IClientOptions } from "./client-options.js";
import { serverUrls, withUrl } from "./server-urls.js";

test.each<[string | undefined, IClientOptions, string]>([
  ["mqtt://host", {}, "mqtt://host"],
  ["mqtt://host:1884", {}, "mqtt://host:1884"],
  ["tcp://host:80", { port: 81 }, "tcp://host:81"],
  ["mqtts://host", {}, "mqtts://host"],
  ["mqtt://host", { cert: "c", key: "k" }, "mqtts://host"],
  ["ws://host:80/mqtt?a=b", {}, "ws://host:80/mqtt?a=b"],
  ["wss://host", { path: "/mqtt" }, "wss://host/mqtt"],
  ["mqtt://[::1]:1883", {}, "mqtt://[::1]:1883"],
  [undefined, { host: "::1" }, "mqtt://[::1]"],
  [undefined, {}, "mqtt://localhost"],
  [undefined, { hostname: "h", protocol: "ws", port: 8083 }, "ws://h:8083/"],
  ["mqtt+unix:///run/mqtt.sock", {}, "unix:/run/mqtt.sock"],
  [undefined, { unixSocket: true, path: "/run/mqtt.sock" }, "unix:/run/mqtt.sock"],
])("%s with %j leads to %s", (url, options, expected) => {
  expect(serverUrls(withUrl(url, options))).toEqual([expected]);
});

test("credentials and the Client Identifier come out of the URL", () => {
  const options = withUrl("mqtt://me:p%40ss@host?clientId=c", { auth: undefined });
  expect([options.username, options.password, options.clientId]).toEqual(["me", "p@ss", "c"]);
  expect(withUrl("mqtt://me:a@host", { username: "you" }).username).toBe("you");
  const { username, password } = withUrl("mqtt://host", { auth: "a:b:c" });
  expect([username, password]).toEqual(["a", "b:c"]);
});

test("several servers each have their protocol", () => {
  const servers = [
    { host: "a", port: 1 },
    { host: "b", port: 2, protocol: "mqtts" as const },
  ];
  expect(serverUrls(withUrl("mqtt://x", { servers }))).toEqual(["mqtt://a:1", "mqtts://b:2"]);
});

test("what leads nowhere throws", () => {
  expect(() => withUrl("host:1883", {})).toThrow("Missing protocol");
  for (const protocol of ["wx", "wxs", "ali", "alis"]) {
    expect(() => serverUrls(withUrl(`${protocol}://host`, {}))).toThrow(`"${protocol}"`);
  }
  expect(() => serverUrls(withUrl("http://host", {}))).toThrow('Unknown protocol "http"');
  expect(() => withUrl("mqtt://host", { socksProxy: "socks4://proxy" })).toThrow("SOCKS 4");
  expect(() => serverUrls(withUrl("ws+unix:///a", {}))).toThrow('"ws+unix"');
  expect(() => withUrl("mqtt://host", { clean: false })).toThrow("clientId");
});

describe("in a page", () => {
  afterEach(() => void vi.unstubAllGlobals());

  test.each<[string, string | undefined, IClientOptions, string]>([
    ["https://page.example/app", undefined, {}, "wss://page.example/"],
    ["http://page.example:8080/app", "/mqtt?a=b", {}, "ws://page.example:8080/mqtt?a=b"],
    ["http://page.example:8080/app", undefined, { host: "broker" }, "ws://broker/"],
    ["http://page.example/app", "wss://broker/mqtt", {}, "wss://broker/mqtt"],
  ])("at %s, %s with %j leads to %s", (page, url, options, expected) => {
    vi.stubGlobal("location", new URL(page));
    expect(serverUrls(withUrl(url, options))).toEqual([expected]);
  });
});
