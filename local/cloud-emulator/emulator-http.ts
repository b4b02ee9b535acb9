import { setTimeout as delay } from "node:timers/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type EmulatorServer = {
  /** "127.0.0.1:port" */
  readonly endpoint: string;
  /** Stops listening and cuts every open connection. */
  close(): Promise<void>;
};

export type EmulatorHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * A plain node:http server on a free port of 127.0.0.1. Signatures cover raw paths and raw bodies, which
 * higher layers normalise, so the endpoints read them here. A handler that throws answers 500.
 */
export async function listenOnLoopback(handler: EmulatorHandler): Promise<EmulatorServer> {
  const server = createServer((request, response) => {
    handler(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { "content-type": "text/plain" });
      response.end(error instanceof Error ? error.message : "the emulator's endpoint failed");
    });
  });
  // A function may take its 300 seconds, and a fault may hang: node's own limits would cut both.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 30_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = addressOf(server.address());

  return {
    endpoint: `127.0.0.1:${port}`,
    async close() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      server.closeAllConnections();
      await closed;
    },
  };
}

/**
 * The raw body, or null when it is longer than `maxBytes`. What is too long is still read to its end, and
 * dropped, so that the client gets the refusal instead of a broken pipe; twice the limit cuts the connection.
 */
export async function readBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<Buffer<ArrayBuffer> | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes <= maxBytes) chunks.push(chunk);
    else chunks.length = 0;
    if (bytes > maxBytes * 2) request.destroy();
  }
  return bytes > maxBytes ? null : Buffer.concat(chunks);
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": body.byteLength,
  });
  response.end(body);
}

const DRIPS = 20;

/** Sends the answer in small pieces over a time. */
export async function dripJson(
  response: ServerResponse,
  value: unknown,
  overMs: number,
): Promise<void> {
  const body = Buffer.from(JSON.stringify(value));
  const piece = Math.ceil(body.byteLength / DRIPS);
  response.writeHead(200, {
    "content-type": "application/json",
    "content-length": body.byteLength,
  });
  for (let at = 0; at < body.byteLength && !response.destroyed; at += piece) {
    response.write(body.subarray(at, at + piece));
    await delay(overMs / DRIPS);
  }
  response.end();
}

/** Cuts the connection with no answer. */
export function cutConnection(request: IncomingMessage): void {
  request.socket.destroy();
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address;
}
