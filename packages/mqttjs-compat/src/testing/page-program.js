// A page's program, as MQTT.js's users write it: `run` answers with what it noticed.
import mqtt from "mqtt";

/** @param {string} url */
export async function run(url) {
  /** @type {string[]} */
  const notes = [];
  const client = mqtt.connect(url, {
    clientId: `page_${Math.random().toString(16).slice(2, 8)}`,
    keepalive: 60,
    clean: true,
    reconnectPeriod: 100,
    connectTimeout: 30_000,
    will: { topic: "page/will", payload: "gone", qos: 1, retain: false },
    transformWsUrl: (given) => `${given}?token=1`,
  });
  client.on("connect", (connack) => {
    notes.push(`connect ${connack.cmd} ${connack.returnCode} ${client.connected}`);
    client.subscribe(["page/#", "chat/+"], { qos: 1 }, (error, granted) => {
      notes.push(`subscribed ${error} ${granted?.map(({ topic, qos }) => `${topic} ${qos}`)}`);
      client.publish("page/text", "grüezi", { qos: 1 });
      client.publish("page/json", JSON.stringify({ value: 1 }), { qos: 2, retain: true });
      client.publish("chat/one", new Uint8Array([0, 1, 254, 255]), { qos: 0 });
    });
  });
  client.on("reconnect", () => notes.push("reconnect"));
  client.on("error", (error) => notes.push(`error ${error.message}`));
  client.on("close", () => notes.push("close"));
  /** @type {string[]} */
  const messages = [];
  await new Promise((resolve) => {
    client.on("message", (topic, message, packet) => {
      const text = topic === "chat/one" ? message.toString("hex") : message.toString();
      messages.push(`${topic} ${text} ${message.length} ${packet.qos} ${message instanceof Uint8Array}`);
      if (messages.length === 3) resolve(undefined);
    });
  });
  notes.push(...messages.sort());
  client.stream.destroy();
  await new Promise((resolve) => client.once("connect", resolve));
  const packet = await client.publishAsync("elsewhere", "after", { qos: 1 });
  notes.push(`published ${packet?.cmd}`);
  await client.unsubscribeAsync("chat/+");
  await client.publishAsync("page/json", "", { qos: 1, retain: true });
  await client.endAsync();
  notes.push(`end ${client.connected} ${client.disconnected}`);
  return notes;
}
