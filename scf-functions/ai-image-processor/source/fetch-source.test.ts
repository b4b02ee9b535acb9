import { describe, expect, test } from "bun:test";
import { createServer } from "node:net";
import { startTestServer, type TestServer } from "../../testing/server.fixture.ts";
import { smallJpeg } from "../../testing/pictures.fixture.ts";
import { fetchSource } from "./fetch-source.ts";
import { type AddressRules, checkSourceUrl, type ResolveAll } from "../../../net/source-address.ts";
import { SSRF_NAMES, SSRF_URLS } from "../../../net/ssrf-addresses.fixture.ts";

const signal = AbortSignal.timeout(60_000);

/** Knows the list's names and no other. */
const listedNames: ResolveAll = async (hostname) => {
  const answers = SSRF_NAMES[hostname];
  if (answers === undefined) throw new Error("ENOTFOUND");
  return answers.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
};
const rulesWith = (more: Partial<AddressRules> = {}): AddressRules => ({
  allowedOrigins: new Set(),
  resolveAll: listedNames,
  httpsPort: 443,
  ...more,
});
const openTo = (server: TestServer) =>
  rulesWith({ allowedOrigins: new Set([`127.0.0.1:${server.port}`]) });

/** A listener that counts who comes, on all loopback addresses. */
async function startCanary() {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "::", resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/** The same address as https at the canary's port, so that only the address rule can refuse it. */
function towardsCanary(text: string, port: number): string {
  try {
    const url = new URL(text);
    if (url.protocol !== "http:" || url.port !== "") return text;
    url.port = String(port);
    return url.href.replace(/^http:/, "https:");
  } catch {
    return text;
  }
}

async function codeOf(fetching: Promise<unknown>): Promise<string> {
  try {
    await fetching;
    return "READ";
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  }
}

describe("addresses that must never be reached", () => {
  test("the canary counts a connection when the rules let one through", async () => {
    await using canary = await startCanary();
    const rules = rulesWith({ allowedOrigins: new Set([`127.0.0.1:${canary.port}`]) });

    const code = await codeOf(fetchSource(`http://127.0.0.1:${canary.port}/`, rules, signal));

    expect(code).toBe("IMAGE_SOURCE_UNREACHABLE");
    expect(canary.connections()).toBe(1);
  });

  test("each one as it is written is refused without a connection", async () => {
    await using canary = await startCanary();
    const rules = rulesWith({ httpsPort: canary.port });

    const codes = await Promise.all(
      SSRF_URLS.map((url) => codeOf(fetchSource(url, rules, signal))),
    );

    expect(SSRF_URLS.filter((_url, at) => codes[at] !== "IMAGE_SOURCE_REFUSED")).toEqual([]);
    expect(canary.connections()).toBe(0);
  });

  test("each one as https at a port where somebody listens is refused without a connection", async () => {
    await using canary = await startCanary();
    const rules = rulesWith({ httpsPort: canary.port });
    const urls = SSRF_URLS.map((url) => towardsCanary(url, canary.port));

    const codes = await Promise.all(urls.map((url) => codeOf(fetchSource(url, rules, signal))));

    const refused = ["IMAGE_SOURCE_REFUSED", "IMAGE_SOURCE_UNREACHABLE"];
    expect(urls.filter((_url, at) => !refused.includes(codes[at] ?? ""))).toEqual([]);
    // UNREACHABLE is right only for public-looking names that the resolver does not know.
    const unreachable = urls.filter((_url, at) => codes[at] === "IMAGE_SOURCE_UNREACHABLE");
    expect(unreachable.filter((url) => !url.includes("cdn.example.com"))).toEqual([]);
    expect(canary.connections()).toBe(0);
  });

  test("a name is refused when any of its addresses is not public, and the address is not told", async () => {
    await using canary = await startCanary();
    const rules = rulesWith({ httpsPort: canary.port });

    for (const [name, addresses] of Object.entries(SSRF_NAMES)) {
      const fetching = fetchSource(`https://${name}:${canary.port}/`, rules, signal);
      const error = await fetching.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toMatchObject({ code: "IMAGE_SOURCE_REFUSED" });
      // Neither the address nor its kind, unless the customer wrote it into the name.
      const message = String(error).replace(name, "");
      expect(addresses.filter((address) => message.includes(address))).toEqual([]);
    }
    expect(canary.connections()).toBe(0);
  });

  test("a name is resolved once, and the connection goes to that answer", async () => {
    let questions = 0;
    const resolveAll: ResolveAll = async () => {
      questions += 1;
      return [{ address: questions === 1 ? "93.184.215.14" : "127.0.0.1", family: 4 }];
    };

    const source = await checkSourceUrl("https://rebind.evil.test/a", rulesWith({ resolveAll }));

    expect(source.address).toBe("93.184.215.14");
    expect(questions).toBe(1);
  });

  test("the connection goes to the resolved address and asks for the name", async () => {
    await using server = await startTestServer((_request, response) => response.end("bytes"));
    const rules = rulesWith({
      allowedOrigins: new Set([`photos.example.test:${server.port}`]),
      resolveAll: async () => [{ address: "127.0.0.1", family: 4 }],
    });

    await fetchSource(`http://photos.example.test:${server.port}/a`, rules, signal);

    expect(server.seen[0]?.headers.host).toBe(`photos.example.test:${server.port}`);
  });

  test("a public address is refused over http, at another port and with a user name", async () => {
    const closed = [
      "http://93.184.215.14:443/",
      "ftp://93.184.215.14:443/",
      "https://93.184.215.14:8443/",
      "https://user@93.184.215.14/",
    ];

    const reasons = await Promise.all(
      closed.map((url) => codeOf(checkSourceUrl(url, rulesWith()))),
    );

    expect(reasons).toEqual([
      "AddressError: only https addresses are read",
      "AddressError: only https addresses are read",
      "AddressError: only port 443 is read",
      "AddressError: it carries a user name or a password",
    ]);
  });

  test("an opened origin opens that host and port only", async () => {
    await using canary = await startCanary();
    const rules = rulesWith({
      allowedOrigins: new Set([`127.0.0.1:${canary.port}`]),
      httpsPort: canary.port,
    });
    const closed = [
      `http://localhost:${canary.port}/`,
      `http://127.0.0.1:${canary.port + 1}/`,
      `https://127.0.0.1:${canary.port}/`,
      `http://user:pass@127.0.0.1:${canary.port}/`,
      "http://127.0.0.1/",
    ];

    const codes = await Promise.all(closed.map((url) => codeOf(fetchSource(url, rules, signal))));

    expect(new Set(codes)).toEqual(new Set(["IMAGE_SOURCE_REFUSED"]));
    expect(canary.connections()).toBe(0);
  });

  test("public addresses and ports are let through to the connection", async () => {
    const check = (url: string) => checkSourceUrl(url, rulesWith());

    expect((await check("https://93.184.215.14/a.jpg")).address).toBe("93.184.215.14");
    expect((await check("https://[2606:2800:220:1::1]:443/")).address).toBe("2606:2800:220:1::1");
  });
});

describe("fetchSource", () => {
  test("reads a picture with no cookie and no authorization", async () => {
    const photo = await smallJpeg();
    await using server = await startTestServer((_request, response) => response.end(photo));

    const bytes = await fetchSource(`${server.origin}/a.jpg`, openTo(server), signal);

    expect(bytes.equals(photo)).toBe(true);
    expect(server.seen[0]?.headers).not.toHaveProperty("cookie");
    expect(server.seen[0]?.headers).not.toHaveProperty("authorization");
  });

  test("a redirect is not followed, and the message says so and names the URL", async () => {
    await using server = await startTestServer((_request, response) => {
      response.writeHead(302, { Location: "/final.jpg" });
      response.end();
    });
    const url = `${server.origin}/redirect`;

    const fetching = fetchSource(url, openTo(server), signal);

    await expect(fetching).rejects.toMatchObject({
      code: "IMAGE_SOURCE_UNREACHABLE",
      message: expect.stringContaining(`${url} cannot be read: it redirects`),
    });
    expect(server.seen).toHaveLength(1);
  });

  test("an HTTP error is told with its status", async () => {
    await using server = await startTestServer((_request, response) => {
      response.writeHead(404);
      response.end();
    });

    const fetching = fetchSource(server.origin, openTo(server), signal);

    await expect(fetching).rejects.toMatchObject({
      code: "IMAGE_SOURCE_UNREACHABLE",
      message: expect.stringContaining("answered 404"),
    });
  });

  test("21 MB are refused while they stream", async () => {
    let sent = 0;
    await using server = await startTestServer((_request, response) => {
      const piece = Buffer.alloc(1_000_000);
      const more = () => {
        while (sent < 21 && !response.destroyed) {
          sent += 1;
          if (!response.write(piece)) return;
        }
        response.end();
      };
      response.on("drain", more);
      more();
    });

    const fetching = fetchSource(server.origin, openTo(server), signal);

    await expect(fetching).rejects.toMatchObject({
      code: "IMAGE_TOO_LARGE",
      message: expect.stringContaining("larger than 20 MB"),
    });
  });

  test("a size announced above 20 MB is refused before any of it is read", async () => {
    await using server = await startTestServer((_request, response) => {
      response.writeHead(200, { "Content-Length": "20000001" });
      response.write("x");
    });

    const fetching = fetchSource(server.origin, openTo(server), signal);

    await expect(fetching).rejects.toMatchObject({ code: "IMAGE_TOO_LARGE" });
  });

  test("a server that says nothing is left when time is up", async () => {
    await using server = await startTestServer(() => undefined);

    const fetching = fetchSource(server.origin, openTo(server), AbortSignal.timeout(150));

    await expect(fetching).rejects.toMatchObject({
      code: "IMAGE_SOURCE_UNREACHABLE",
      message: expect.stringContaining("took too long"),
    });
  });

  test("a long URL is cut to 200 characters in the message", async () => {
    const url = `http://a.test/${"x".repeat(3000)}`;

    const error = await fetchSource(url, rulesWith(), signal).then(
      () => new Error("read"),
      (reason: Error) => reason,
    );

    expect(error.message).toStartWith(`${url.slice(0, 199)}… is refused`);
  });
});
