/** The end of a client that was asked for: what is under way is finished, DISCONNECT is sent, the connection is closed. */
import type { CloseOptions } from "./call-options.js";
import type { ClientHub } from "./client-hub.js";
import { closedError } from "./closed-error.js";
import { Deferred } from "./deferred.js";
import type { Link } from "./link.js";

const CLOSE_TIMEOUT_MS_DEFAULT = 5_000;

/** Always resolves, after `timeoutMs` at the latest. */
export async function closeClient(hub: ClientHub, options: CloseOptions): Promise<void> {
  const { reasonCode = 0, properties, force, timeoutMs = CLOSE_TIMEOUT_MS_DEFAULT } = options;
  const { connector, environment } = hub;
  hub.isClosing = true;
  const error = closedError();
  const timeOut = new Deferred<void>();
  const timer = environment.after(timeoutMs, timeOut.resolve, undefined, true);
  const { link } = connector;
  if (link !== undefined && force !== true && connector.status === "connected") {
    await Promise.race([settled(hub, link), link.closed, timeOut.promise]);
  }
  const { endsSession } = connector;
  connector.stop();
  // Meanwhile the connection may have been lost, and another one be there.
  for (const one of new Set([link, connector.link])) {
    if (one === undefined) continue;
    const all = {
      sessionExpiryInterval: properties?.sessionExpiryInterval ?? (endsSession ? 0 : undefined),
      reasonString: properties?.reasonString,
      userProperties: properties?.userProperties && [...properties.userProperties],
    };
    try {
      one.connection.disconnect({ reasonCode, properties: all }, error, environment.now());
    } catch {
      // Options that make no DISCONNECT do not keep the connection open.
      one.connection.disconnect({ reasonCode: 0 }, error, environment.now());
    }
    await Promise.race([one.closed, timeOut.promise]);
    one.stream.destroy();
  }
  connector.stop();
  hub.end(error);
  const { sessionStore } = hub.options;
  if (sessionStore !== undefined) await Promise.race([sessionStore.store.close().catch(() => {}), timeOut.promise]);
  environment.cancel(timer);
}

/** Everything that can be acknowledged has been. */
async function settled({ session }: ClientHub, link: Link): Promise<void> {
  if (!session.isSettled) {
    await new Promise<void>((resolve) => {
      session.onSettled = resolve;
    });
  }
  await link.durable();
}
