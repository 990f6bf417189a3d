/** A SOCKS5 proxy (RFC 1928, 1929) and an HTTP CONNECT proxy, as small as a test needs; they note where they were sent. */
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { connect, createServer, type Server, type Socket } from "node:net";

export interface Proxy {
  readonly port: number;
  /** `host:port` of each tunnel, behind `user:password@` if it was asked for some. */
  readonly asked: string[];
}

const servers: Server[] = [];

/** Only for who knows `user` and `password`. */
export async function startSocksProxy(user: string, password: string): Promise<Proxy> {
  const asked: string[] = [];
  const serve = async (socket: Socket): Promise<void> => {
    const read = async (length: number): Promise<Buffer> => {
      for (;;) {
        const bytes = socket.read(length) as Buffer | null;
        if (bytes !== null) return bytes;
        await once(socket, "readable");
      }
    };
    const text = async (): Promise<string> => (await read((await read(1))[0])).toString();
    await read((await read(2))[1]);
    socket.write(Uint8Array.of(5, 2));
    await read(1);
    const who = `${await text()}:${await text()}`;
    if (who !== `${user}:${password}`) return void socket.end(Uint8Array.of(1, 1));
    socket.write(Uint8Array.of(1, 0));
    const kind = (await read(4))[3];
    const host = kind === 1 ? [...(await read(4))].join(".") : await text();
    const port = (await read(2)).readUInt16BE();
    asked.push(`${who}@${host}:${port}`);
    tunnel(socket, host, port, Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0));
  };
  return { port: await listen(createServer((socket) => void serve(socket).catch(() => socket.destroy()))), asked };
}

export async function startHttpProxy(): Promise<Proxy> {
  const asked: string[] = [];
  const server = createHttpServer();
  server.on("connect", (request, socket: Socket) => {
    asked.push(request.url as string);
    const { hostname, port } = new URL(`http://${request.url}`);
    tunnel(socket, hostname, Number(port), "HTTP/1.1 200 Connection established\r\n\r\n");
  });
  return { port: await listen(server), asked };
}

function tunnel(socket: Socket, host: string, port: number, greeting: Uint8Array | string): void {
  const onward = connect({ host, port }, () => {
    socket.write(greeting);
    socket.pipe(onward).pipe(socket);
  });
  for (const one of [socket, onward])
    one.on("error", () => {}).on("close", () => void [socket, onward].map((s) => s.destroy()));
}

async function listen(server: Server): Promise<number> {
  servers.push(server.listen(0, "127.0.0.1"));
  await once(server, "listening");
  return (server.address() as { port: number }).port;
}

/** For `afterAll`. */
export async function closeProxies(): Promise<void> {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
}
