/** The sections `authentication` and `access`: who may come in, and what they may do. Built by `security/`. */
import { z } from "zod";
import { choice, count, flag, oneOrMore, pem, secret, text } from "./describe.js";

const groups = z.array(z.string().min(1)).meta({ description: "Groups, for rules." });

const user = z.strictObject({
  name: text("User name."),
  password: secret("Hash, as `mosquitto_passwd` or `tidings passwd` make it ($argon2id$…, $7$…, $6$…).").optional(),
  scramKeys: secret("Keys for SCRAM-SHA-256, in place of a password that is sent.").optional(),
  groups: groups.optional(),
  isDisabled: flag("May not come in.").optional(),
});

const jwt = z.strictObject({
  secret: secret("Shared secret for HS256, HS384 and HS512.").optional(),
  publicKey: pem("Public key or certificate of who signs.").optional(),
  jwksFile: text("File with a JSON Web Key Set.").optional(),
  jwksUrl: z.url().meta({ description: "Where the JSON Web Key Set is fetched; https but for loopback." }).optional(),
  algorithms: z.array(z.string()).min(1).meta({ description: "Accepted signature algorithms." }).optional(),
  issuer: oneOrMore(z.string().min(1), "Accepted issuers (`iss`).").optional(),
  audience: oneOrMore(z.string().min(1), "Accepted audiences (`aud`).").optional(),
  clockToleranceSeconds: count(0, 3600, "By how much clocks may differ. Default: 0.").optional(),
  expiry: choice(["required", "optional"], "Whether a token must expire. Default: required.").optional(),
  from: choice(["password", "user-name"], "Where a client puts the token. Default: password.").optional(),
  userNameClaim: text("Claim that becomes the user name. Default: sub.").optional(),
  clientIdentifierClaim: text("Claim that the Client Identifier must equal.").optional(),
  groupsClaim: text("Claim with groups.").optional(),
  permissionClaims: z
    .strictObject({
      publish: text("Claim with Topic Filters for publishing.").optional(),
      subscribe: text("Claim with Topic Filters for subscribing.").optional(),
    })
    .meta({ description: "Claims that say what the client may do, in place of the rules here." })
    .optional(),
});

const http = z.strictObject({
  authenticateUrl: z.url().meta({ description: "Asked who may come in." }).optional(),
  authorizeUrl: z.url().meta({ description: "Asked what clients may publish and subscribe to." }).optional(),
  headers: z
    .record(z.string(), z.string().meta({ secret: true }))
    .meta({ description: "Sent with each request." })
    .optional(),
  timeoutMs: count(1, 600_000, "For one answer; then the client is refused. Default: 5000.").optional(),
  requestsMax: count(1, 10_000, "Requests at a time. Default: 32.").optional(),
  waitingMax: count(0, 1_000_000, "Questions that wait for their turn. Default: 1000.").optional(),
  cacheMs: count(0, 86_400_000, "How long an answer holds. Default: 60000.").optional(),
  cachedAnswersMax: count(1, 10_000_000, "Answers remembered. Default: 10000.").optional(),
});

export const authenticationSchema = z.strictObject({
  users: z.array(user).meta({ description: "Users written here." }).optional(),
  passwordFile: text("Password file in mosquitto's format.").optional(),
  clientCertificate: z
    .strictObject({
      userName: choice(["common-name", "subject"], "What becomes the user name. Default: common-name.").optional(),
      groups: groups.optional(),
    })
    .meta({ description: "Verified client certificates name users." })
    .optional(),
  jwt: jwt.meta({ description: "JSON Web Tokens; exactly one of secret, publicKey, jwksFile, jwksUrl." }).optional(),
  http: http.meta({ description: "A service of your own decides." }).optional(),
  managedUsers: flag("Users that the admin API manages. Default: false.").optional(),
  scram: flag("SCRAM-SHA-256, for users with scramKeys. Default: false.").optional(),
});

const names = (description: string) => oneOrMore(z.string().min(1), description).optional();
const actions = z.enum(["publish", "subscribe", "receive"]);
const actionList = (description: string) =>
  z.union([actions, z.literal("all"), z.array(actions).min(1)]).meta({ description });
const claimValue = z.union([z.string(), z.number(), z.boolean()]);

const rule = z.strictObject({
  allow: actionList("What the rule allows: publish, subscribe, receive, a list of them, or all.").optional(),
  deny: actionList("What the rule denies.").optional(),
  topics: names("Topic Filters, with %u (user name), %c (Client Identifier) and %{claim}. Default: every topic."),
  users: names("User names; an ending * stands for any ending."),
  groups: names("Groups."),
  clients: names("Client Identifiers."),
  certificates: names("Common names or subjects of verified client certificates."),
  addresses: names("IP addresses and networks."),
  claims: z
    .record(z.string(), z.union([claimValue, z.array(claimValue)]))
    .meta({ description: "Claims of a JSON Web Token and their values." })
    .optional(),
  anonymous: flag("Clients without (true) or with (false) a user name.").optional(),
  maximumQoS: z.literal([0, 1, 2]).meta({ description: "Of an allowed publish or subscribe." }).optional(),
  retain: flag("False: publishing is allowed without RETAIN only.").optional(),
});

export const accessSchema = z.strictObject({
  rules: z.array(rule).meta({ description: "The first one that is about a topic decides." }).optional(),
  managedRules: flag("Rules that the admin API manages, asked before those here. Default: false.").optional(),
  file: text("Access control file in mosquitto's acl_file format; asked after the rules.").optional(),
});
