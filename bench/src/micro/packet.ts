/**
 * The codec of `@tidings/packet` beside mqtt-packet 9: encode and decode of four packets. Both sit in one process and
 * take turns, round by round; the figures are medians of the process's CPU time, the ratio is the median of the rounds'
 * ratios. Both do the same work: encoding makes a new byte array from a packet object, decoding goes from a chunk of
 * bytes through the streaming parser to a packet object with strings and a view of the payload.
 */
import { type ControlPacket, encodePacket, PacketDecoder, PacketType, type ProtocolVersion } from "@tidings/packet";
import mqttPacket, { type Packet } from "mqtt-packet";

const ROUNDS = 31;
const ROUND_MS = 20;
const WARM_UP_MS = 400;
const PROFILE_MS = 3000;
/** Packets in one chunk: what a loaded connection reads at once. */
const PACKETS_IN_CHUNK = 8;

interface Scenario {
  version: ProtocolVersion;
  ours: ControlPacket;
  theirs: Packet;
}

const payload = Buffer.alloc(64, 0x78);

const SCENARIOS: Record<string, Scenario> = {
  "PUBLISH QoS 0, 64 B": {
    version: 4,
    ours: {
      type: PacketType.PUBLISH,
      dup: false,
      qos: 0,
      retain: false,
      topicName: "devices/0042/status",
      payload,
    },
    theirs: {
      cmd: "publish",
      dup: false,
      qos: 0,
      retain: false,
      topic: "devices/0042/status",
      payload,
    },
  },
  "PUBLISH QoS 1, 5.0, 3 properties": {
    version: 5,
    ours: {
      type: PacketType.PUBLISH,
      dup: false,
      qos: 1,
      retain: false,
      topicName: "devices/0042/status",
      packetIdentifier: 4711,
      payload,
      properties: {
        messageExpiryInterval: 3600,
        contentType: "application/json",
        userProperties: [["region", "eu-central"]],
      },
    },
    theirs: {
      cmd: "publish",
      dup: false,
      qos: 1,
      retain: false,
      topic: "devices/0042/status",
      messageId: 4711,
      payload,
      properties: {
        messageExpiryInterval: 3600,
        contentType: "application/json",
        userProperties: { region: "eu-central" },
      },
    },
  },
  "CONNECT with will, user, password": {
    version: 4,
    ours: {
      type: PacketType.CONNECT,
      protocolVersion: 4,
      cleanStart: true,
      keepAlive: 60,
      clientIdentifier: "gateway-000042",
      will: { topic: "plant/line7/gateway/status", payload: Buffer.from("offline"), qos: 1, retain: true },
      userName: "gateway",
      password: Buffer.from("correct horse battery staple"),
    },
    theirs: {
      cmd: "connect",
      protocolId: "MQTT",
      protocolVersion: 4,
      clean: true,
      keepalive: 60,
      clientId: "gateway-000042",
      will: { topic: "plant/line7/gateway/status", payload: Buffer.from("offline"), qos: 1, retain: true },
      username: "gateway",
      password: Buffer.from("correct horse battery staple"),
    },
  },
  "SUBSCRIBE, 2 filters": {
    version: 4,
    ours: {
      type: PacketType.SUBSCRIBE,
      packetIdentifier: 7,
      subscriptions: [
        { topicFilter: "plant/+/sensor42/#", qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0 },
        { topicFilter: "commands/gateway-42", qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 },
      ],
    },
    theirs: {
      cmd: "subscribe",
      messageId: 7,
      subscriptions: [
        { topic: "plant/+/sensor42/#", qos: 1 },
        { topic: "commands/gateway-42", qos: 0 },
      ],
    },
  },
};

/** Does its work on `packets` packets and returns something that depends on it. */
type Work = (packets: number) => number;

function decodeOurs(version: ProtocolVersion, chunk: Uint8Array): Work {
  let seen = 0;
  const decoder = new PacketDecoder(
    { version },
    {
      onPacket: (packet) => {
        seen += packet.type;
      },
      onError: (error) => {
        throw error;
      },
    },
  );
  return (packets) => {
    for (let count = 0; count < packets; count += PACKETS_IN_CHUNK) decoder.push(chunk);
    return seen;
  };
}

function decodeTheirs(version: ProtocolVersion, chunk: Buffer): Work {
  let seen = 0;
  const parser = mqttPacket.parser({ protocolVersion: version });
  parser.on("packet", (packet) => {
    seen += packet.cmd.length;
  });
  parser.on("error", (error: Error) => {
    throw error;
  });
  return (packets) => {
    for (let count = 0; count < packets; count += PACKETS_IN_CHUNK) parser.parse(chunk);
    return seen;
  };
}

function encodeOurs({ version, ours }: Scenario): Work {
  return (packets) => {
    let length = 0;
    for (let count = 0; count < packets; count += 1) length += encodePacket(ours, version).length;
    return length;
  };
}

function encodeTheirs({ version, theirs }: Scenario): Work {
  return (packets) => {
    let length = 0;
    for (let count = 0; count < packets; count += 1) {
      length += mqttPacket.generate(theirs, { protocolVersion: version }).length;
    }
    return length;
  };
}

/** Nanoseconds of CPU time for one packet, measured for about `milliseconds`. */
function measure(work: Work, milliseconds: number): number {
  const batch = 256 * PACKETS_IN_CHUNK;
  const begin = process.cpuUsage();
  let packets = 0;
  for (;;) {
    if (work(batch) === 0) throw new Error("no work was done");
    packets += batch;
    const { user, system } = process.cpuUsage(begin);
    if (user + system >= milliseconds * 1000) return ((user + system) * 1000) / packets;
  }
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

interface PacketBenchRow {
  name: string;
  /** Nanoseconds for one packet. */
  oursNs: number;
  theirsNs: number;
  /** How many times faster ours is. */
  ratio: number;
}

function compare(name: string, ours: Work, theirs: Work): PacketBenchRow {
  measure(ours, WARM_UP_MS);
  measure(theirs, WARM_UP_MS);
  const rounds = Array.from({ length: ROUNDS }, () => {
    const oursNs = measure(ours, ROUND_MS);
    const theirsNs = measure(theirs, ROUND_MS);
    return { oursNs, theirsNs, ratio: theirsNs / oursNs };
  });
  return {
    name,
    oursNs: median(rounds.map((round) => round.oursNs)),
    theirsNs: median(rounds.map((round) => round.theirsNs)),
    ratio: median(rounds.map((round) => round.ratio)),
  };
}

/** The same bytes from both, so that both decode and encode the same packet. */
function encodedBytes(scenario: Scenario): Buffer {
  const bytes = mqttPacket.generate(scenario.theirs, { protocolVersion: scenario.version });
  const ours = encodePacket(scenario.ours, scenario.version);
  if (!bytes.equals(ours)) throw new Error("the two codecs disagree");
  return bytes;
}

/** Every case beside mqtt-packet. */
export function comparePackets(): void {
  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    const chunk = chunkOf(scenario);
    print(compare(`decode ${name}`, decodeOurs(scenario.version, chunk), decodeTheirs(scenario.version, chunk)));
    print(compare(`encode ${name}`, encodeOurs(scenario), encodeTheirs(scenario)));
  }
}

/** Our half of each case alone, for a profiler; by name. */
export function packetCases(): Map<string, () => void> {
  const cases = new Map<string, () => void>();
  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    cases.set(`decode ${name}`, () => measure(decodeOurs(scenario.version, chunkOf(scenario)), PROFILE_MS));
    cases.set(`encode ${name}`, () => measure(encodeOurs(scenario), PROFILE_MS));
  }
  return cases;
}

function chunkOf(scenario: Scenario): Buffer {
  return Buffer.concat(Array.from({ length: PACKETS_IN_CHUNK }, () => encodedBytes(scenario)));
}

function print({ name, oursNs, theirsNs, ratio }: PacketBenchRow): void {
  const times = `${oursNs.toFixed(0).padStart(5)} ns  mqtt-packet ${theirsNs.toFixed(0).padStart(5)} ns`;
  console.log(`${name.padEnd(44)} ${times}  ratio ${ratio.toFixed(1).padStart(5)}`);
}
