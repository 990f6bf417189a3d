/**
 * The log: lines for people on a terminal, JSON for programs otherwise. Both are written synchronously, so that the
 * last line before an exit is not lost.
 */
import { type Logger, pino } from "pino";
import { PinoPretty } from "pino-pretty";
import type { LOG_LEVELS } from "./config/schema.js";

export type { Logger };
export type LogLevel = (typeof LOG_LEVELS)[number];

const STDOUT = 1;

export function createLogger(level: LogLevel, isPretty: boolean): Logger {
  if (!isPretty) return pino({ level }, pino.destination({ dest: STDOUT, sync: true }));
  return pino(
    { level },
    PinoPretty({
      destination: STDOUT,
      sync: true,
      singleLine: true,
      ignore: "pid,hostname",
      translateTime: "SYS:HH:MM:ss.l",
    }),
  );
}
