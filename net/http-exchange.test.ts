import { describe, expect, test } from "bun:test";
import { createServer } from "node:net";
import { exchangeHttp, type HttpRequestSpec } from "./http-exchange.ts";
import { startTestServer } from "../scf-functions/testing/server.fixture.ts";

const specOf = (url: string, more: Partial<HttpRequestSpec> = {}): HttpRequestSpec => ({
  url: new URL(url),
  method: "GET",
  headers: {},
  connectTimeoutMs: 30_000,
  bytesMax: 1_000,
  signal: AbortSignal.timeout(60_000),
  ...more,
});

describe("exchangeHttp", () => {
  test("connects to the given address and still asks for the name in the URL", async () => {
    await using server = await startTestServer((_request, response) => response.end("hello"));
    const url = `http://photos.example.test:${server.port}/a?b=c`;

    const answer = await exchangeHttp(specOf(url, { address: "127.0.0.1" }));

    expect(answer.body.toString()).toBe("hello");
    expect(server.seen[0]?.path).toBe("/a?b=c");
    expect(server.seen[0]?.headers.host).toBe(`photos.example.test:${server.port}`);
  });

  test("a redirect is an answer like any other", async () => {
    await using server = await startTestServer((_request, response) => {
      response.writeHead(302, { Location: "/elsewhere" });
      response.end();
    });

    const answer = await exchangeHttp(specOf(server.origin));

    expect(answer.status).toBe(302);
    expect(server.seen).toHaveLength(1);
  });

  test("a body that is announced too large is not read", async () => {
    await using server = await startTestServer((_request, response) => {
      response.writeHead(200, { "Content-Length": "1001" });
      response.end(Buffer.alloc(1001));
    });

    await expect(exchangeHttp(specOf(server.origin))).rejects.toMatchObject({
      reason: "too-large",
    });
  });

  test("a body of unknown length is cut off at the bound", async () => {
    await using server = await startTestServer((_request, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(500)));
      };
      response.on("drain", more);
      more();
    });

    await expect(exchangeHttp(specOf(server.origin))).rejects.toMatchObject({
      reason: "too-large",
    });
  });

  test("a refused connection was certainly not seen by the other side", async () => {
    const server = await startTestServer(() => undefined);
    await server[Symbol.asyncDispose]();

    await expect(exchangeHttp(specOf(server.origin))).rejects.toMatchObject({
      reason: "unreachable",
      sent: false,
    });
  });

  test("a connection that breaks before the answer may have been seen", async () => {
    await using server = await startTestServer((_request, response) => {
      response.socket?.destroy();
    });

    await expect(exchangeHttp(specOf(server.origin))).rejects.toMatchObject({
      reason: "broken",
      sent: true,
    });
  });

  test("a body that ends before its length is broken, not short", async () => {
    await using server = await startTestServer((_request, response) => {
      response.writeHead(200, { "Content-Length": "900" });
      response.write(Buffer.alloc(300), () => response.socket?.destroy());
    });

    await expect(exchangeHttp(specOf(server.origin))).rejects.toMatchObject({ reason: "broken" });
  });

  test("silence is ended by the signal, and then nobody knows", async () => {
    await using server = await startTestServer(() => undefined);
    const signal = AbortSignal.timeout(200);

    await expect(exchangeHttp(specOf(server.origin, { signal }))).rejects.toMatchObject({
      reason: "timeout",
      sent: true,
    });
  });

  test("a host that takes the connection and never speaks TLS is left after the connect limit", async () => {
    const mute = createServer(() => undefined);
    await new Promise<void>((resolve) => {
      mute.listen(0, "127.0.0.1", resolve);
    });
    const address = mute.address();
    const port = typeof address === "object" ? address?.port : 0;

    const exchange = exchangeHttp(specOf(`https://127.0.0.1:${port}/`, { connectTimeoutMs: 150 }));

    await expect(exchange).rejects.toMatchObject({ reason: "timeout", sent: false });
    mute.close();
  });
});
