/** The section `protection`: what happens to those who try too often. Built by `security/protection.ts`. */
import { z } from "zod";
import { count, flag, MILLISECONDS_MAX } from "./describe.js";

const MANY = 1_000_000_000;

const steps = (failuresMax: number, delayMsMax: number, whose: string) =>
  z
    .strictObject({
      failuresMax: count(0, MANY, `Failures that cost nothing. Default: ${failuresMax}.`).optional(),
      firstDelayMs: count(1, MILLISECONDS_MAX, "For the next one; doubled each time. Default: 1000.").optional(),
      delayMsMax: count(1, MILLISECONDS_MAX, `Default: ${delayMsMax}.`).optional(),
    })
    .meta({ description: whose })
    .optional();

const loginBackoff = z.strictObject({
  isOff: flag("Nobody has to wait. Default: false.").optional(),
  perUser: steps(10, 30_000, "Of one user name, from everywhere."),
  perAddress: steps(5, 900_000, "From one address; IPv6: from one /64 network."),
  forgetAfterMs: count(1000, MILLISECONDS_MAX, "Without a failure for this long. Default: 3600000.").optional(),
});

const flapping = z.strictObject({
  windowMs: count(1000, MILLISECONDS_MAX, "Default: 60000.").optional(),
  clientConnectsMax: count(1, MANY, "Connects of one Client Identifier within it. Default: 15.").optional(),
  addressConnectsMax: count(1, MANY, "Connects from one address within it. Default: no limit.").optional(),
  banMs: count(1000, MILLISECONDS_MAX, "Default: 300000.").optional(),
});

export const protectionSchema = z.strictObject({
  loginBackoff: loginBackoff
    .meta({ description: "Who fails to log in has to wait, longer each time. On where clients log in." })
    .optional(),
  flapping: flapping.meta({ description: "Bans clients that come too often for a while. Default: off." }).optional(),
  bansMax: count(1, MANY, "Entries of the ban list. Default: 10000. Read at start.").optional(),
});
