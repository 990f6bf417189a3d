import { expect, test } from "vitest";
import { parse } from "yaml";
import { readMosquittoLines } from "./mosquitto-lines.js";
import { translateMosquitto } from "./translate-mosquitto.js";

function translate(text: string, files: Record<string, string> = {}) {
  const read = (path: string): string => (path === "m.conf" ? text : files[path]);
  const list = (): string[] => Object.keys(files).map((path) => path.split("/").at(-1) as string);
  const { yaml, notes } = translateMosquitto(readMosquittoLines("m.conf", read, list));
  return { configuration: parse(yaml), notes };
}

test("listeners, TLS, files, limits and persistence", () => {
  const { configuration, notes } = translate(`
# a comment
allow_anonymous false
password_file /etc/mosquitto/passwd
acl_file /etc/mosquitto/acl
max_queued_messages 0
max_inflight_messages 20
max_packet_size 2000000
persistent_client_expiration 2w
persistence false
queue_qos0_messages true

listener 1883 127.0.0.1
listener 8883
certfile /certs/server.pem
keyfile /certs/server.key
cafile /certs/ca.pem
crlfile /certs/crl.pem
require_certificate true
use_identity_as_username true
tls_version tlsv1.3
max_connections 100
mount_point clients/
accept_protocol_versions 4,5
listener 9001
protocol websockets
websockets_origin https://example.org
max_qos 1
listener 0 /run/mosquitto.sock
`);
  expect(notes).toEqual([]);
  expect(configuration).toEqual({
    listeners: [
      { name: "mqtt", type: "tcp", host: "127.0.0.1", port: 1883, allowAnonymous: false },
      {
        name: "listener-2",
        type: "tls",
        host: "::",
        port: 8883,
        allowAnonymous: false,
        connectionsMax: 100,
        mountPoint: "clients/",
        protocolVersions: ["3.1.1", "5.0"],
        tls: {
          certificates: [{ certificate: "/certs/server.pem", key: "/certs/server.key" }],
          clientCertificate: "required",
          clientAuthorities: ["/certs/ca.pem"],
          revocationLists: "/certs/crl.pem",
          minimumVersion: "1.3",
        },
        authentication: { clientCertificate: { userName: "common-name" } },
      },
      {
        name: "listener-3",
        type: "ws",
        host: "::",
        port: 9001,
        allowAnonymous: false,
        path: "/mqtt",
        origins: ["https://example.org"],
        maximumQoS: 1,
      },
      { name: "listener-4", type: "unix", path: "/run/mosquitto.sock", allowAnonymous: false },
    ],
    authentication: { passwordFile: "/etc/mosquitto/passwd" },
    access: { file: "/etc/mosquitto/acl" },
    limits: {
      queuedMessagesMax: 1_000_000_000,
      inFlightMessagesMax: 20,
      maximumPacketSize: 2_000_000,
      sessionExpiryIntervalMax: 1_209_600,
    },
    features: { queueQoS0: true },
    storage: { memory: true },
  });
});

test("settings per listener, a port without a listener, and included files", () => {
  const { configuration } = translate(
    "per_listener_settings true\ninclude_dir conf.d\nlistener 1884\nallow_anonymous true\npassword_file b\n",
    { "conf.d/a.conf": "port 1882\nbind_address 127.0.0.1\npassword_file a\n", "conf.d/README": "nonsense" },
  );
  expect(configuration.listeners).toMatchObject([
    { host: "127.0.0.1", port: 1882, authentication: { passwordFile: "a" } },
    { port: 1884, allowAnonymous: true, authentication: { passwordFile: "b" } },
  ]);
});

test("what could not be taken over is named, with its line", () => {
  const { configuration, notes } = translate(`connection cloud
address example.org
topic # out
listener 1883
psk_file x
nonsense 1
plugin /usr/lib/x.so
plugin_opt_a b
mount_point x
enable_proxy_protocol 2
protocol http_api
`);
  expect(notes.map((note) => note.replace(/ (was|has|is|needs|http_api was).*/, ""))).toEqual([
    'm.conf:1: the bridge "cloud"',
    "m.conf:5: psk_file",
    "m.conf:6: nonsense",
    "m.conf:7: plugin",
    "m.conf:8: plugin_opt_a",
    "m.conf:9: mount_point",
    "m.conf:10: enable_proxy_protocol",
    "m.conf:11: protocol",
  ]);
  expect(configuration.listeners).toMatchObject([
    { mountPoint: "x", proxyProtocol: { trustedAddresses: ["127.0.0.1"] } },
  ]);
});
