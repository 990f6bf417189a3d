/** What `tidings-broker init` writes: everything works as it stands, and what comes next is a comment away. */
import { JSON_SCHEMA_ID } from "./json-schema.js";

export const STARTER_FILE = `# yaml-language-server: $schema=${JSON_SCHEMA_ID}
# Configuration of the Tidings MQTT broker. Check it with \`tidings-broker check --config tidings.yaml\`, run it with
# \`tidings-broker --config tidings.yaml\`. After a change, SIGHUP makes a running broker read it again.
# Every key: docs/configuration-keys.md. Secrets can stand elsewhere: \${env:NAME}, \${file:path}.

listeners:
  # From this machine alone, so nobody has to say who they are.
  - name: mqtt
    type: tcp
    host: 127.0.0.1
    port: 1883

  - name: websocket
    type: ws
    host: 127.0.0.1
    port: 8083
    path: /mqtt
    webClient: true # http://127.0.0.1:8083/

  # For everybody, with TLS. Needs users (see authentication) or allowAnonymous: true.
  # - name: mqtts
  #   type: tls
  #   host: "::"
  #   port: 8883
  #   tls:
  #     certificates:
  #       - certificate: certificates/server.pem
  #         key: certificates/server.key
  #   connectionRate:
  #     perAddressPerSecond: 5

# authentication:
#   passwordFile: passwords # mosquitto_passwd or \`tidings passwd\` write it

# access:
#   rules: # the first one that is about a topic decides; what none is about is denied
#     - allow: all
#       topics: "clients/%c/#"
#     - allow: subscribe
#       topics: "news/#"

# storage:
#   directory: data # default: the platform's place for state
#   durability: fsync

# limits:
#   queuedMessagesMax: 1000
#   maximumPacketSize: 1048576

log:
  level: info

# drain:
#   overMs: 10000 # sends clients away little by little at a stop
`;
