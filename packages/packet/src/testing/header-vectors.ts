/** Fixed headers (MQTT 5.0 section 2.1, 3.1.1 section 2.2) that no packet may have. */
import { type ErrorVector, malformedRow } from "./vector.js";

export const headerErrorVectors: ErrorVector[] = [
  malformedRow("packet type 0 in 3.1", 3, "00 00"),
  malformedRow("packet type 0 in 3.1.1", 4, "00 00"),
  malformedRow("packet type 0 in 5.0", 5, "00 00"),
  malformedRow("[MQTT-1.5.5-1] Remaining Length 0 in two bytes", 5, "c0 8000"),
  malformedRow("[MQTT-1.5.5-1] Remaining Length 2 in three bytes", 5, "40 828000 0001"),
  malformedRow("[MQTT-1.5.5-1] Remaining Length 127 in four bytes", 5, "30 ff808000"),
  malformedRow("Remaining Length 2 in two bytes, 3.1.1", 4, "40 8200 0001"),
  malformedRow("Remaining Length of five bytes", 5, "30 ffffffff7f"),
  malformedRow("Remaining Length of five bytes, 3.1.1", 4, "30 8080808001"),
];
