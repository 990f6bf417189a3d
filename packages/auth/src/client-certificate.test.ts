/** Clients with a certificate, over real TLS: verified by the listener, named by the hook. */
import { createBrokerServer } from "@tidings/broker/node";
import { connect } from "@tidings/client";
import { CLIENT_CERTIFICATE, CLIENT_KEY, SERVER_CERTIFICATE, SERVER_KEY } from "@tidings/transport/testing";
import { expect, test } from "vitest";
import { accessControl } from "./access-control.js";
import { clientCertificate } from "./client-certificate.js";

async function serve(options: Parameters<typeof clientCertificate>[0], requireCertificate = true) {
  const rules = [{ allow: "publish", topics: "from/%u", certificates: "meter-*" }] as const;
  const server = await createBrokerServer({ hooks: [clientCertificate(options), accessControl({ rules })] });
  const tls = {
    cert: SERVER_CERTIFICATE,
    key: SERVER_KEY,
    ca: CLIENT_CERTIFICATE,
    requestCert: true,
    rejectUnauthorized: requireCertificate,
  };
  const { address } = await server.listenTls({ host: "127.0.0.1", port: 0, tls });
  const url = `mqtts://localhost:${"port" in address ? address.port : 0}`;
  return { server, url };
}

test.each([
  ["common-name", "meter-7"],
  ["subject", expect.stringMatching(/^O=.*, ?CN=meter-7$/)],
] as const)("the user name is the %s", async (userName, expected) => {
  const { server, url } = await serve({ userName, groups: ["meters"] });
  const client = await connect(url, {
    username: "somebody else",
    tls: { ca: SERVER_CERTIFICATE, cert: CLIENT_CERTIFICATE, key: CLIENT_KEY },
  });
  const [known] = [...server.broker.clients()];
  expect(known.principal).toMatchObject({ userName: expected, groups: ["meters"] });
  if (userName === "common-name") await client.publish("from/meter-7", "", { qos: 1 });
  await expect(client.publish("from/admin", "", { qos: 1 })).rejects.toMatchObject({ reasonCode: 0x87 });
  await client.close();
  await server.close();
});

test("who has none is somebody else's affair, here nobody's", async () => {
  const { server, url } = await serve({}, false);
  await expect(connect(url, { tls: { ca: SERVER_CERTIFICATE } })).rejects.toMatchObject({ reasonCode: 0x87 });
  await server.close();
});

test("a certificate that was not verified names nobody", () => {
  const ask = (tls: unknown) => clientCertificate().authenticate?.({ client: { peer: { tls } } } as never);
  expect(ask({ authorized: false, certificateCommonName: "meter-7" })).toBe(undefined);
  expect(ask({ authorized: true, certificateCommonName: "" })).toBe(undefined);
  expect(ask({ authorized: true, certificateCommonName: "meter-7" })).toMatchObject({
    reasonCode: 0,
    userName: "meter-7",
  });
  expect(ask(undefined)).toBe(undefined);
});
