/** Starts a Node server on its address and makes a `Listener` of it. */
import type { AddressInfo, ListenOptions, Server } from "node:net";
import type { Listener } from "../listener.js";
import { acceptError, listenError } from "./listen-error.js";
import { type ListenerOptions, type PortOptions, placeOfPort } from "./listen-options.js";
import { hostAndPort } from "./stream-error.js";

/** `scheme` and `path` make the URL: `mqtt` and nothing, or `ws` and `/mqtt`. */
export async function bindToPort(server: Server, options: PortOptions, scheme: string, path = ""): Promise<Listener> {
  const place = placeOfPort(options);
  await listen(server, { host: options.host, port: options.port, backlog: options.backlog }, options, place);
  const { address: host, port } = server.address() as AddressInfo;
  return new ServerListener(server, { host, port }, `${scheme}://${hostAndPort(host, port)}${path}`);
}

export async function bindToPath(server: Server, path: string, options: ListenerOptions): Promise<Listener> {
  await listen(server, { path }, options, path);
  return new ServerListener(server, { path }, `unix:${path}`);
}

function listen(server: Server, target: ListenOptions, options: ListenerOptions, place: string): Promise<void> {
  if (options.maxConnections !== undefined) server.maxConnections = options.maxConnections;
  return new Promise((resolve, reject) => {
    let listening = false;
    server.on("error", (cause) => {
      if (listening) options.onError?.(acceptError(cause, place));
      else reject(listenError(cause, place));
    });
    server.once("listening", () => {
      listening = true;
      resolve();
    });
    try {
      server.listen(target);
    } catch (cause) {
      reject(listenError(cause as Error, place)); // a port out of range is thrown, not emitted
    }
  });
}

class ServerListener implements Listener {
  readonly address: Listener["address"];
  readonly url: string;
  readonly #server: Server;
  #closing: Promise<void> | undefined;

  constructor(server: Server, address: Listener["address"], url: string) {
    this.#server = server;
    this.address = address;
    this.url = url;
  }

  close(): Promise<void> {
    // Node's own 'close' waits for every connection; the address is free as soon as the handle is closed.
    return (this.#closing ??= new Promise((resolve) => {
      this.#server.close();
      setImmediate(resolve);
    }));
  }
}
