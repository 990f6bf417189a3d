/** The events of a client, and the callbacks of its methods. */
import type { ISubscriptionGrant } from "./client-options.js";
import type { IConnackPacket, IDisconnectPacket, IPublishPacket, ISubackPacket, Packet } from "./packets.js";

export type OnConnectCallback = (packet: IConnackPacket) => void;
export type OnDisconnectCallback = (packet: IDisconnectPacket) => void;
export type OnMessageCallback = (topic: string, payload: Buffer, packet: IPublishPacket) => void;
export type OnPacketCallback = (packet: Packet) => void;
export type OnErrorCallback = (error: Error & { code?: number | string }) => void;
export type VoidCallback = () => void;

export type MqttClientEventCallbacks = {
  connect: OnConnectCallback;
  /** Another attempt begins. */
  reconnect: VoidCallback;
  /** A connection, or an attempt, has ended. */
  close: VoidCallback;
  /** The server said goodbye; 5.0 only. */
  disconnect: OnDisconnectCallback;
  /** There is no connection, and the client will go on trying. */
  offline: VoidCallback;
  error: OnErrorCallback;
  end: VoidCallback;
  message: OnMessageCallback;
  packetsend: OnPacketCallback;
  packetreceive: OnPacketCallback;
  /** `end` waits no longer: everything is acknowledged. */
  outgoingEmpty: VoidCallback;
};

export type DoneCallback = (error?: Error | null) => void;
export type PacketCallback = (error?: Error | null, packet?: Packet) => void;
export type ClientSubscribeCallback = (
  error: Error | null,
  granted?: ISubscriptionGrant[],
  packet?: ISubackPacket,
) => void;
