/** What a client does with a broker, whatever the broker and the way to it: all QoS, properties, retained, will, session. */
import { type Client, type ConnectOptions, connect, type Message } from "../packages/client/src/index.js";

/** Lines of what happened, the same for every broker and transport; see `expectedOf`. */
export async function exerciseClient(url: string, options: ConnectOptions): Promise<string[]> {
  const lines: string[] = [];
  const name = `exercise-${Math.random().toString(36).slice(2, 10)}`;
  const is5 = (options.protocolVersion ?? 5) === 5;
  const watcher = await connect(url, options);
  const seen = new Inbox();
  await watcher.subscribe(`${name}/#`, { qos: 2, handler: (message) => seen.put(message) });

  // All QoS, with properties where there are any.
  const properties = { contentType: "text/plain", userProperties: [["a", "b"]] as [string, string][] };
  for (const qos of [0, 1, 2] as const) {
    const { reasonCode } = await watcher.publish(`${name}/all`, `QoS ${qos}`, { qos, properties });
    const message = await seen.take();
    const { contentType, userProperties } = message.properties;
    lines.push([message.text(), message.qos, reasonCode, contentType, userProperties].join());
  }

  // A retained message for who comes later.
  await watcher.publish(`${name}/kept`, "kept", { qos: 1, retain: true });
  lines.push((await seen.take()).text());
  const late = await connect(url, options);
  const kept = await late.subscribe(`${name}/kept`, { qos: 1 });
  for await (const message of kept) {
    lines.push(`${message.text()}, retained: ${message.retain}`);
    break;
  }
  await late.publish(`${name}/kept`, "", { retain: true });
  await seen.take();
  await late.close();

  // The Will of a client whose connection breaks.
  let broken: (() => void) | undefined;
  const dying = await connect(url, {
    ...options,
    reconnect: false,
    will: { topic: `${name}/will`, payload: "gone", qos: 1 },
    wrapStream: (stream) => {
      broken = () => stream.destroy();
      return stream;
    },
  });
  broken?.();
  lines.push((await seen.take()).text());
  await dying.close();

  // A session that waits for its client.
  const lasting: ConnectOptions = {
    ...options,
    clientIdentifier: name.slice(0, 23),
    cleanStart: false,
    properties: is5 ? { sessionExpiryInterval: 60 } : undefined,
  };
  const leaving = await connect(url, lasting);
  await leaving.subscribe(`${name}/session`, { qos: 1 });
  await leaving.close();
  await watcher.publish(`${name}/session`, "missed", { qos: 1 });
  await seen.take();
  const missed = new Inbox();
  const back = await connect(url, { ...lasting, onMessage: (message) => missed.put(message) });
  lines.push(`${(await missed.take()).text()}, session present: ${back.server?.sessionPresent}`);
  await close(back, is5);
  await watcher.close();
  return lines;
}

export function expectedOf(protocolVersion: number): string[] {
  const properties = protocolVersion === 5 ? "text/plain,a,b" : ",";
  return [
    `QoS 0,0,0,${properties}`,
    `QoS 1,1,0,${properties}`,
    `QoS 2,2,0,${properties}`,
    "kept",
    "kept, retained: true",
    "gone",
    `missed, session present: ${protocolVersion !== 3}`, // CONNACK of 3.1 does not say
  ];
}

function close(client: Client, is5: boolean): Promise<void> {
  return client.close(is5 ? { properties: { sessionExpiryInterval: 0 } } : {});
}

class Inbox {
  private readonly messages: Message[] = [];
  private waiting: ((message: Message) => void) | undefined;

  put(message: Message): void {
    if (this.waiting === undefined) this.messages.push(message);
    else this.waiting(message);
    this.waiting = undefined;
  }

  take(): Promise<Message> {
    const message = this.messages.shift();
    if (message !== undefined) return Promise.resolve(message);
    return new Promise((resolve) => {
      this.waiting = resolve;
    });
  }
}
