export { controlPacket, type FastCheck } from "./control-packet-arbitrary.js";
export { type ErrorVector, type PacketVector, vectorBytes } from "./vector.js";
export { errorVectors, packetVectors } from "./vectors.js";
