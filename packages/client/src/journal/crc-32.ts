/** CRC-32 as in IEEE 802.3: tells a batch that was written as a whole from one that a crash has cut. */
const POLYNOMIAL = 0xedb8_8320;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
  return value;
});

/** 0 to 0xFFFFFFFF. */
export function crc32(bytes: Uint8Array): number {
  let value = 0xffff_ffff;
  for (let index = 0; index < bytes.length; index += 1) value = TABLE[(value ^ bytes[index]) & 0xff] ^ (value >>> 8);
  return (value ^ 0xffff_ffff) >>> 0;
}
