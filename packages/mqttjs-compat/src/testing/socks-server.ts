/** A SOCKS 5 proxy on a port of its own, without user names: notes where its clients want to go, and lets them. */
import { connect, createServer, type Socket } from "node:net";

export interface SocksServer {
  readonly url: string;
  /** `host:port`, in order. */
  readonly asked: readonly string[];
  close(): void;
}

export async function socksServer(): Promise<SocksServer> {
  const asked: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    serve(socket, asked, sockets).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `socks5h://127.0.0.1:${port}`,
    asked,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** RFC 1928, the part that a client without credentials needs. */
async function serve(socket: Socket, asked: string[], sockets: Socket[]): Promise<void> {
  socket.on("error", () => {});
  const [, methods] = await read(socket, 2);
  await read(socket, methods);
  socket.write(Uint8Array.of(5, 0));
  const [, , , kind] = await read(socket, 4);
  const host =
    kind === 1 ? [...(await read(socket, 4))].join(".") : String(await read(socket, (await read(socket, 1))[0]));
  const port = (await read(socket, 2)).readUInt16BE();
  asked.push(`${host}:${port}`);
  const onward = connect({ host, port });
  sockets.push(onward);
  onward.on("error", () => socket.destroy());
  onward.on("close", () => socket.destroy());
  onward.once("connect", () => {
    socket.write(Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0));
    socket.pipe(onward).pipe(socket);
  });
}

async function read(socket: Socket, length: number): Promise<Buffer> {
  for (;;) {
    const bytes = socket.read(length) as Buffer | null;
    if (bytes !== null) return bytes;
    await new Promise((resolve) => socket.once("readable", resolve));
  }
}
