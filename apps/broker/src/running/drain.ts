/** The graceful end: nobody new, everybody told, little by little if so wished, and what is under way sent. */

import type { BrokerServer } from "@tidings/broker/node";
import { ReasonCode } from "@tidings/packet";
import type { Configuration } from "../config/schema.js";
import type { ListenerSet } from "../listeners/listener-set.js";

const STEP_MS = 100;

/** Resolves when every client is gone, or was cut off after the time of grace, and the state is on disk. */
export async function drain(
  server: BrokerServer,
  listeners: ListenerSet,
  { overMs = 0, graceMs, serverReference, isMovedForGood }: NonNullable<Configuration["drain"]> = {},
): Promise<void> {
  await listeners.close();
  const clients = [...server.broker.clients()];
  const elsewhere = isMovedForGood === true ? ReasonCode.ServerMoved : ReasonCode.UseAnotherServer;
  const reasonCode = serverReference === undefined ? ReasonCode.ServerShuttingDown : elsewhere;
  if (overMs > 0 || serverReference !== undefined) {
    const beganMs = performance.now();
    for (let sent = 0; sent < clients.length; ) {
      const share = overMs === 0 ? 1 : (performance.now() - beganMs + STEP_MS) / overMs;
      const due = Math.min(clients.length, Math.ceil(share * clients.length));
      for (; sent < due; sent++) clients[sent].disconnect(reasonCode, { serverReference });
      if (sent < clients.length) await new Promise((resolve) => setTimeout(resolve, Math.min(STEP_MS, overMs)));
    }
  }
  await server.close(graceMs);
}
