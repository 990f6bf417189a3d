/** The section `listeners`: one shape for each kind. */
import { mountPointProblem } from "@tidings/broker";
import { addressProblem } from "@tidings/transport/node";
import { z } from "zod";
import { choice, count, flag, MILLISECONDS_MAX, oneOrMore, pem, secret, text } from "./describe.js";
import { listenerLimitsSchema } from "./limits-schema.js";
import { accessSchema, authenticationSchema } from "./security-schema.js";

const addresses = (description: string) =>
  z
    .array(
      z.string().check((context) => {
        const problem = addressProblem(context.value);
        if (problem !== undefined) context.issues.push({ code: "custom", input: context.value, message: problem });
      }),
    )
    .min(1)
    .meta({ description });

const connectionRate = z
  .strictObject({
    perSecond: z.number().positive().meta({ description: "Connections a second, all addresses together." }).optional(),
    burst: count(1, 10_000_000, "Connections at once. Default: what one second allows.").optional(),
    perAddressPerSecond: z
      .number()
      .positive()
      .meta({ description: "Connections a second from one address." })
      .optional(),
    perAddressBurst: count(1, 10_000_000, "Connections at once from one address.").optional(),
  })
  .meta({ description: "How often clients may connect; who comes more often is cut at once." });

const tls = z
  .strictObject({
    certificates: z
      .array(
        z.strictObject({
          certificate: pem("Certificate, with intermediate ones behind it."),
          key: z.string().min(1).meta({ description: "Private key. A file, or PEM itself.", secret: true }),
          passphrase: secret("Of the key.").optional(),
          serverNames: z
            .array(z.string().min(1))
            .min(1)
            .meta({
              description: "Names (SNI) it is for, *.example.org among them. Default: those in the certificate.",
            })
            .optional(),
        }),
      )
      .min(1)
      .meta({ description: "Chosen by the name that the client asks for; the first one is for all others." }),
    clientCertificate: choice(
      ["none", "optional", "required"],
      "Whether clients are asked for a certificate. Default: none.",
    ).optional(),
    clientAuthorities: oneOrMore(
      z.string().min(1),
      "CA certificates for client certificates. Files, or PEM.",
    ).optional(),
    revocationLists: oneOrMore(z.string().min(1), "CRL, one for each CA in use. Files, or PEM.").optional(),
    minimumVersion: choice(["1.2", "1.3"], "Lowest version of TLS. Default: 1.2.").optional(),
    ciphers: text("Cipher suites in OpenSSL's notation. Default: those of Node.").optional(),
    applicationProtocols: z
      .array(z.string().min(1))
      .min(1)
      .meta({ description: "ALPN; a client that offers ALPN must offer one of them." })
      .optional(),
  })
  .meta({ description: "Certificates and what is asked of clients." });

const shared = {
  name: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
      "use up to 64 letters, digits, dots and dashes, a letter or digit first",
    )
    .meta({ description: "Letters, digits, dots, dashes; unique." }),
  allowAnonymous: flag(
    "Lets clients without user name in. Default: true where no users are configured and the address is loopback or a Unix socket.",
  ).optional(),
  protocolVersions: z
    .array(z.literal(["3.1", "3.1.1", "5.0", "5", 3.1, 5]))
    .min(1)
    .meta({ description: 'Versions of MQTT: "3.1", "3.1.1", "5.0". Default: all.' })
    .optional(),
  mountPoint: z
    .string()
    .check((context) => {
      const problem = mountPointProblem(context.value);
      if (problem !== undefined) context.issues.push({ code: "custom", input: context.value, message: problem });
    })
    .meta({ description: 'Stands before every topic of its clients, unseen by them; ends with "/".' })
    .optional(),
  maximumQoS: z.literal([0, 1, 2]).meta({ description: "Highest QoS. Default: the broker's." }).optional(),
  connectionsMax: count(1, 10_000_000, "Connections at a time. Default: no limit but the broker's.").optional(),
  connectionRate: connectionRate.optional(),
  limits: listenerLimitsSchema.meta({ description: "In place of the broker's." }).optional(),
  authentication: authenticationSchema.meta({ description: "In place of the broker's." }).optional(),
  access: accessSchema.meta({ description: "In place of the broker's." }).optional(),
  lingerMs: count(0, 600_000, "After the last packet, how long a client has to take it. Default: 2000.").optional(),
};

const onPort = {
  ...shared,
  host: z.string().trim().min(1).meta({ description: "Address or name to listen on. Default: 127.0.0.1." }).optional(),
  port: count(0, 65_535, "0 takes a free one."),
  backlog: count(1, 65_535, "Connections that wait to be accepted. Default: 511.").optional(),
  noDelay: flag("TCP_NODELAY. Default: true.").optional(),
  tcpKeepAliveMs: count(
    1000,
    MILLISECONDS_MAX,
    "Idle time before TCP probes. Default: none; MQTT has its own.",
  ).optional(),
  proxyProtocol: z
    .strictObject({
      trustedAddresses: addresses("Addresses and networks of the proxies; others are refused."),
      timeoutMs: count(1, 600_000, "For the header. Default: 5000.").optional(),
    })
    .meta({ description: "Connections come through proxies that speak the PROXY protocol, version 1 or 2." })
    .optional(),
};

const secure = {
  tls,
  handshakeTimeoutMs: count(
    100,
    600_000,
    "For the TLS handshake, and again for a WebSocket's request. Default: 10000.",
  ).optional(),
};

const webSocket = {
  path: z.string().startsWith("/").meta({ description: "Of the URL. Default: /mqtt." }).optional(),
  origins: z
    .array(z.string().regex(/^https?:\/\/[^/\s]+$/, "write it as browsers do, such as https://example.org"))
    .meta({ description: "Pages that may connect, such as https://example.org. Default: every page." })
    .optional(),
  trustedProxies: addresses("Proxies whose X-Forwarded-For is believed. Default: none.").optional(),
  webClient: flag("Shows the web client on this port. Default: false.").optional(),
  handshakeTimeoutMs: secure.handshakeTimeoutMs,
};

const type = <T extends string>(name: T, description: string) => z.literal(name).meta({ description });

export const listenerSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: type("tcp", "MQTT over TCP."),
    ...onPort,
    bareHandles: flag("Serves connections without a Node socket each, where Node allows it. Default: true.").optional(),
  }),
  z.strictObject({ type: type("tls", "MQTT over TLS."), ...onPort, ...secure }),
  z.strictObject({ type: type("ws", "MQTT over WebSocket."), ...onPort, ...webSocket }),
  z.strictObject({ type: type("wss", "MQTT over WebSocket and TLS."), ...onPort, ...webSocket, tls }),
  z.strictObject({
    type: type("unix", "MQTT over a Unix socket."),
    ...shared,
    path: text("Of the socket file, relative to the configuration file."),
  }),
]);

export type ListenerConfiguration = z.output<typeof listenerSchema>;
export type TlsConfiguration = z.output<typeof tls>;
