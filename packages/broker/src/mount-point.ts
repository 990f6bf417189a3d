/**
 * Mount points: clients of such a listener see one branch of the topics as if it were all of them. Names are made whole
 * on their way in and shortened on their way out; everything between knows whole names only. Topics that begin with "$"
 * do not exist for these clients.
 */
import {
  decodePacket,
  encodePacket,
  PacketType,
  type ProtocolVersion,
  type PublishPacket,
  PublishView,
  protocolError,
  ReasonCode,
  readPublish,
  type Will,
} from "@tidings/packet";
import { isTopicFilter, parseSharedFilter } from "@tidings/topic";
import { ApplicationMessage } from "./application-message.js";
import { Route } from "./route.js";

type PublishProperties = PublishPacket["properties"];

/** A client's PUBLISH with whole names, encoded anew. */
export function mountPublish(
  mountPoint: string,
  version: ProtocolVersion,
  bytes: Uint8Array,
  start: number,
  bodyStart: number,
  end: number,
): Uint8Array {
  const packet = decodePacket(version, bytes, start, bodyStart, end) as PublishPacket;
  // Without a topic there is an alias, which stands for a whole name already.
  const topicName = packet.topicName === "" ? "" : mountPoint + packet.topicName;
  const properties = mountResponse(mountPoint, packet.properties);
  return encodeMounted({ ...packet, topicName, properties }, version);
}

export function mountWill(mountPoint: string, will: Will): Will {
  return { ...will, topic: mountPoint + will.topic, properties: mountResponse(mountPoint, will.properties) };
}

/** An invalid filter stays invalid. */
export function mountFilter(mountPoint: string, topicFilter: string): string {
  if (!isTopicFilter(topicFilter)) return topicFilter;
  const shared = parseSharedFilter(topicFilter);
  if (shared === undefined) return mountPoint + topicFilter;
  return `$share/${shared.shareName}/${mountPoint}${shared.topicFilter}`;
}

/**
 * False: a client behind the mount point does not get this message, although a filter of its session matches. That is the
 * level above its branch, which "#" matches too, and what a session subscribed to when it came through another listener.
 */
export function isBehind(mountPoint: string, topicName: string): boolean {
  return topicName.length > mountPoint.length && topicName.startsWith(mountPoint);
}

/** The message as a client behind the mount point sees it; made once for clients of one that follow one another. */
export function unmountMessage(mountPoint: string, message: ApplicationMessage): ApplicationMessage {
  const known = unmounted.get(message);
  if (known?.mountPoint === mountPoint) return known.message;
  const made = makeUnmounted(mountPoint, message);
  unmounted.set(message, { mountPoint, message: made });
  return made;
}

const unmounted = new WeakMap<
  ApplicationMessage,
  { readonly mountPoint: string; readonly message: ApplicationMessage }
>();

function makeUnmounted(mountPoint: string, message: ApplicationMessage): ApplicationMessage {
  const { qos, retain, payload, properties, publisherIdentifier, expiresAtMs } = message;
  const topicName = message.topicName.slice(mountPoint.length);
  const responseTopic = properties?.responseTopic;
  const packet = encodePacket(
    {
      type: PacketType.PUBLISH,
      dup: false,
      qos,
      retain,
      topicName,
      packetIdentifier: qos === 0 ? undefined : 1,
      payload,
      properties:
        responseTopic === undefined
          ? properties
          : { ...properties, responseTopic: shortResponse(mountPoint, responseTopic) },
    },
    5,
  );
  const view = new PublishView();
  let bodyStart = 1;
  while (packet[bodyStart++] >= 0x80);
  readPublish(view, 5, packet, 0, bodyStart, packet.length);
  const route = new Route(topicName, packet.subarray(view.topicStart, view.topicEnd), 0);
  return new ApplicationMessage(view, 5, route, publisherIdentifier, 0, expiresAtMs);
}

/** Who publishes from outside may want its answer outside, where this client cannot send one: the name stays whole. */
function shortResponse(mountPoint: string, responseTopic: string): string {
  return isBehind(mountPoint, responseTopic) ? responseTopic.slice(mountPoint.length) : responseTopic;
}

function mountResponse<P extends PublishProperties>(mountPoint: string, properties: P): P {
  if (properties?.responseTopic === undefined) return properties;
  return { ...properties, responseTopic: mountPoint + properties.responseTopic };
}

function encodeMounted(packet: PublishPacket, version: ProtocolVersion): Uint8Array {
  try {
    return encodePacket(packet, version);
  } catch {
    // It was valid as it came; what no PUBLISH can carry any more is a name that has become too long.
    throw protocolError("a topic is too long behind the mount point", ReasonCode.TopicNameInvalid);
  }
}
