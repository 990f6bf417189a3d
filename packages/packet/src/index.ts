export { AssertionError, assert } from "./assert.js";
export type {
  AcknowledgementPacket,
  AuthPacket,
  ConnackPacket,
  ConnectPacket,
  ControlPacket,
  DisconnectPacket,
  PingreqPacket,
  PingrespPacket,
  PubackPacket,
  PubcompPacket,
  PublishPacket,
  PubrecPacket,
  PubrelPacket,
  SubackPacket,
  SubscribePacket,
  SubscriptionRequest,
  UnsubackPacket,
  UnsubscribePacket,
  Will,
} from "./control-packet.js";
export { decodeConnect } from "./decode-connect.js";
export { decodePacket } from "./decode-packet.js";
export { decodePublishProperties } from "./decode-publish-properties.js";
export { decodeServerPacket } from "./decode-server-packet.js";
export { EncodeError } from "./encode-error.js";
export { FrameDecoder, type FrameHandler } from "./frame-decoder.js";
export { isWellFormedUtf8 } from "./is-well-formed-utf8.js";
export { PacketDecoder, type PacketDecoderOptions, type PacketHandler } from "./packet-decoder.js";
export { malformed, PacketError, type PacketErrorCode, protocolError } from "./packet-error.js";
export { PacketType, type ProtocolVersion, type QoS } from "./packet-type.js";
export type { Properties, UserProperty } from "./properties.js";
export { PropertyIdentifier } from "./property-table.js";
export { PublishView } from "./publish-view.js";
export { readPublish } from "./read-publish.js";
export { readUtf8 } from "./read-utf8.js";
export { ConnectReturnCode, ReasonCode } from "./reason-code.js";
export {
  MAXIMUM_PACKET_SIZE,
  MAXIMUM_REMAINING_LENGTH,
  variableByteIntegerLength,
  writeVariableByteInteger,
} from "./variable-byte-integer.js";
export { writeAcknowledgement } from "./write-acknowledgement.js";
export { type ClientPacket, clientPacketLength, writeClientPacket } from "./write-client-packet.js";
export { encodePacket, packetLength, writePacket } from "./write-packet.js";
export { utf8Length, writeUtf8 } from "./write-utf8.js";
