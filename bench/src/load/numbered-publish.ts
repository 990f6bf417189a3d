/** Writes a 3.1.1 PUBLISH with QoS 0 whose payload begins with its publisher's and its own number; the offset behind it. */
export function writeNumberedPublish(
  bytes: Buffer,
  start: number,
  topicName: string,
  payloadBytes: number,
  publisher: number,
  sequence: number,
  retain = false,
): number {
  const remaining = 2 + topicName.length + payloadBytes;
  let at = start;
  bytes[at++] = retain ? 0x31 : 0x30;
  if (remaining >= 0x80) bytes[at++] = (remaining & 0x7f) | 0x80;
  bytes[at++] = remaining >= 0x80 ? remaining >> 7 : remaining;
  bytes[at++] = topicName.length >> 8;
  bytes[at++] = topicName.length & 0xff;
  at += bytes.write(topicName, at, "latin1");
  bytes.fill(0x2e, at, at + payloadBytes);
  bytes.writeUInt32BE(publisher, at);
  bytes.writeUInt32BE(sequence, at + 4);
  return at + payloadBytes;
}
