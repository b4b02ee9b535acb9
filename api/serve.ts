import type { Clock } from "../core/ports/clock.ts";
import { withTimeout } from "../core/resilience/with-timeout.ts";
import type { App } from "./app.ts";
import { BODY_MS } from "./body/read-body.ts";

export type Server = { readonly url: string; stop(graceMs: number): Promise<void> };
type ServeOptions = {
  readonly port: number;
  readonly hostname: string;
  readonly clock: Pick<Clock, "sleep">;
};

/** Serves the app on Bun or Node. Port 0 takes a free one. `stop` ends idle connections, waits for the others. */
export async function serve(app: App, options: ServeOptions): Promise<Server> {
  return typeof Bun === "undefined" ? serveOnNode(app, options) : serveOnBun(app, options);
}

/** A request has come whole after this time, or is cut off; bodies are bounded by `readBody`, which answers before. */
const REQUEST_MS = BODY_MS + 10_000;

async function serveOnBun(app: App, { port, hostname, clock }: ServeOptions): Promise<Server> {
  const server = Bun.serve({
    port,
    hostname,
    // Streams send a keepalive each 9 s; the default of 10 s would cut a slow one.
    idleTimeout: 60,
    // Bun would cut the connection, and the sender would never read why: the routes' own limits answer with words.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    fetch: (request, self) => app.fetch(request, bindings(self.requestIP(request)?.address)),
  });
  return {
    url: `http://${hostname}:${server.port}`,
    async stop(graceMs) {
      const stopped = server.stop(false);
      await withTimeout(clock, graceMs, stopped, () => undefined);
      await server.stop(true);
    },
  };
}

async function serveOnNode(app: App, { port, hostname, clock }: ServeOptions): Promise<Server> {
  const { createAdaptorServer } = await import("@hono/node-server");
  const { createServer } = await import("node:http");
  const server = createAdaptorServer({
    fetch: (request, env) => {
      const { incoming } = env as { incoming?: { socket?: { remoteAddress?: string } } }; // node-server's bindings
      return app.fetch(request, bindings(incoming?.socket?.remoteAddress));
    },
    createServer,
    // For HTTP/1.0, which may leave it out.
    hostname: "localhost",
    serverOptions: {
      maxHeaderSize: 16_384,
      headersTimeout: 10_000,
      requestTimeout: REQUEST_MS,
      connectionsCheckingInterval: 5_000,
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, hostname, resolve);
  });
  const address = server.address();
  const taken = typeof address === "object" && address !== null ? address.port : port;
  return {
    url: `http://${hostname}:${taken}`,
    async stop(graceMs) {
      const stopped = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      await withTimeout(clock, graceMs, stopped, () => undefined);
      if ("closeAllConnections" in server) server.closeAllConnections();
    },
  };
}

function bindings(address: string | undefined): { clientIp?: string } {
  return address === undefined ? {} : { clientIp: address };
}
