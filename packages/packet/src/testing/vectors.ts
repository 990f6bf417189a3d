/** All vectors of the codec, valid and invalid, of MQTT 3.1, 3.1.1 and 5.0. */
import { acknowledgementErrorVectors, acknowledgementVectors } from "./acknowledgement-vectors.js";
import { connackErrorVectors, connackVectors } from "./connack-vectors.js";
import { connectErrorVectors, connectVectors } from "./connect-vectors.js";
import { disconnectErrorVectors, disconnectVectors } from "./disconnect-vectors.js";
import { headerErrorVectors } from "./header-vectors.js";
import { propertyErrorVectors, propertyVectors } from "./property-vectors.js";
import { publishErrorVectors, publishVectors } from "./publish-vectors.js";
import { reasonCodeErrorVectors, reasonCodeVectors } from "./reason-code-vectors.js";
import { stringErrorVectors, stringVectors } from "./string-vectors.js";
import { subackErrorVectors, subackVectors } from "./suback-vectors.js";
import { subscribeErrorVectors, subscribeVectors } from "./subscribe-vectors.js";
import type { ErrorVector, PacketVector } from "./vector.js";

/** Bytes and the packets they are. */
export const packetVectors: readonly PacketVector[] = [
  ...connectVectors,
  ...connackVectors,
  ...publishVectors,
  ...acknowledgementVectors,
  ...subscribeVectors,
  ...subackVectors,
  ...disconnectVectors,
  ...stringVectors,
  ...propertyVectors,
  ...reasonCodeVectors,
];

/** Bytes and the errors they give. */
export const errorVectors: readonly ErrorVector[] = [
  ...headerErrorVectors,
  ...connectErrorVectors,
  ...connackErrorVectors,
  ...publishErrorVectors,
  ...acknowledgementErrorVectors,
  ...subscribeErrorVectors,
  ...subackErrorVectors,
  ...disconnectErrorVectors,
  ...stringErrorVectors,
  ...propertyErrorVectors,
  ...reasonCodeErrorVectors,
];
