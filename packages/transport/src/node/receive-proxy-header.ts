/** Reads the PROXY protocol's header from a connection, and puts back what came behind it. */
import type { Socket } from "node:net";
import { PROXY_V2_BYTES_MAX, type ProxyHeader, readProxyHeader } from "./proxy-header.js";

/** `onHeader` is called once, unless the connection ends by itself: with the header, or with what is wrong. */
export function receiveProxyHeader(
  socket: Socket,
  timeoutMs: number,
  onHeader: (header: ProxyHeader | undefined, problem: string) => void,
): void {
  let received: Buffer = Buffer.alloc(0);
  const finish = (header: ProxyHeader | undefined, problem = ""): void => {
    clearTimeout(timer);
    socket.off("readable", onReadable);
    socket.off("end", onEnd);
    socket.off("close", onClose);
    if (header === undefined) {
      onHeader(undefined, problem);
      return;
    }
    const rest = received.subarray(header.length);
    if (rest.length > 0) socket.unshift(rest);
    // Node takes note of the missing listener in a tick of its own; who reads next must come after that.
    process.nextTick(() => {
      socket.off("error", ignore);
      if (!socket.destroyed) onHeader(header, "");
    });
  };
  const onReadable = (): void => {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) return;
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    try {
      const header = readProxyHeader(received);
      if (header !== undefined) finish(header);
      else if (received.length >= PROXY_V2_BYTES_MAX) finish(undefined, "sent a PROXY header without an end");
    } catch (error) {
      finish(undefined, (error as Error).message);
    }
  };
  const onEnd = (): void => finish(undefined, "closed within the PROXY header");
  const onClose = (): void => clearTimeout(timer);
  const timer = setTimeout(() => finish(undefined, `sent no PROXY header within ${timeoutMs} ms`), timeoutMs);
  timer.unref();
  socket.on("error", ignore);
  socket.on("readable", onReadable);
  socket.once("end", onEnd);
  socket.once("close", onClose);
}

/** Its 'close' follows, which is all there is to know. */
function ignore(): void {}
