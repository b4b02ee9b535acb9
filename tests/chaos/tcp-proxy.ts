import { createServer, connect, type Socket } from "node:net";

/** What the proxy does to the next exchange that fits. */
export type Cut = "before-commit" | "after-commit" | "half-reply";

export type TcpProxy = {
  readonly port: number;
  /** How often each cut was made. */
  readonly made: ReadonlyMap<Cut, number>;
  /** Asks for a cut of the next exchange of its kind, `times` times. */
  cut(kind: Cut, times: number): void;
  /** Cuts every open connection now. */
  cutAll(): void;
  /** Delays what the server answers; 0 for none. */
  setLatency(ms: number): void;
  close(): Promise<void>;
};

/** `commit` as a MySQL client sends it: COM_QUERY and the word. */
const COMMIT = Buffer.from("\u0003commit", "latin1");

/**
 * Stands between the product and a server on loopback, and breaks connections at chosen points: before a COMMIT is
 * forwarded, after the server has committed and before the client learns it, in the middle of a reply.
 */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const wanted = new Map<Cut, number>();
  const made = new Map<Cut, number>();
  let latencyMs = 0;
  const take = (kind: Cut): boolean => {
    const left = wanted.get(kind) ?? 0;
    if (left === 0) return false;
    wanted.set(kind, left - 1);
    made.set(kind, (made.get(kind) ?? 0) + 1);
    return true;
  };

  const server = createServer((client) => {
    const upstream = connect(targetPort, "127.0.0.1");
    let cutAtReply: Cut | null = null;
    const end = () => {
      client.destroy();
      upstream.destroy();
      sockets.delete(client);
    };
    sockets.add(client);
    for (const socket of [client, upstream]) socket.on("error", end).on("close", end).setNoDelay();
    client.on("data", (bytes: Buffer) => {
      if (bytes.includes(COMMIT)) {
        if (take("before-commit")) return end();
        if (take("after-commit")) cutAtReply = "after-commit";
      }
      if (cutAtReply === null && take("half-reply")) cutAtReply = "half-reply";
      upstream.write(bytes);
    });
    upstream.on("data", (bytes: Buffer) => {
      if (cutAtReply === "after-commit") return end();
      if (cutAtReply === "half-reply") {
        client.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), end);
        return;
      }
      if (latencyMs === 0) client.write(bytes);
      else setTimeout(() => client.write(bytes), latencyMs);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  return {
    port: address.port,
    made,
    cut: (kind, times) => void wanted.set(kind, (wanted.get(kind) ?? 0) + times),
    cutAll() {
      for (const socket of sockets) socket.destroy();
    },
    setLatency: (ms) => void (latencyMs = ms),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
