import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { connect } from "node:net";
import { startWire, type Wire } from "../tests/wires/start-wire.ts";
import { PROGRAMS, type Runtime } from "../tests/runtimes.ts";
import { until } from "../tests/until.ts";

const RUNTIMES: readonly Runtime[] = ["bun", "node"];

/** Sends bodies as Node's fetch does, which reads no answer once a write has failed. */
const CLIENT = `
const [url, token] = process.argv.slice(1);
const own = { authorization: "Bearer " + token, "content-type": "application/json" };
const whole = (megabytes) => ({ body: new Uint8Array(megabytes * 1e6).fill(97) });
function chunked(megabytes) {
  let left = megabytes * 16;
  const pull = (c) => { c.enqueue(new Uint8Array(62_500).fill(97)); left -= 1; if (left === 0) c.close(); };
  return { body: new ReadableStream({ pull }), duplex: "half" };
}
const cases = [
  ["/api/v1/uploads", own], ["/api/ai-image/generate", own], ["/api/v1/auth/login", { "content-type": "application/json" }],
  ["/api/v1/uploads", {}], ["/api/v1/uploads", { ...own, "content-type": "text/plain" }], ["/api/v1/nothing", own],
  ["/health/live", own], ["/api/v1/admin/queue/resume", own],
];
for (const [path, headers] of cases) for (const bodyOf of [whole, chunked]) for (const megabytes of [9, 30]) {
  const answer = await fetch(url + path, { method: "POST", headers, ...bodyOf(megabytes) })
    .then(async (response) => ({ status: response.status, code: (await response.json()).code }), (error) => ({ status: 0, code: String(error.cause ?? error) }));
  console.log(JSON.stringify([path, bodyOf.name, megabytes, answer.status, answer.code]));
}`;

function sendLargeBodies({ url, token }: Wire): Promise<string[]> {
  const child = spawn(PROGRAMS.node, ["--input-type=module", "-e", CLIENT, url, token], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (bytes) => {
    output += String(bytes);
  });
  return new Promise((resolve) => {
    child.once("close", () => resolve(output.trim().split("\n")));
  });
}

const statusOf = (answer: string) => Number(/^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1] ?? 0);
const head = (target: string, ...lines: readonly string[]) =>
  `${[`GET ${target} HTTP/1.1`, ...lines, "Connection: close"].join("\r\n")}\r\n\r\n`;

for (const runtime of RUNTIMES) {
  describe(`the api on ${runtime}`, () => {
    let wire: Wire;
    beforeAll(async () => {
      wire = await startWire(runtime);
    });
    afterAll(() => wire.stop());

    test("answers early to a body that it does not take, and the answer arrives", async () => {
      const lines = await sendLargeBodies(wire);

      const expected = [
        ["/api/v1/uploads", 413, "PAYLOAD_TOO_LARGE"],
        ["/api/ai-image/generate", 413, "PAYLOAD_TOO_LARGE"],
        ["/api/v1/auth/login", 413, "PAYLOAD_TOO_LARGE"],
        ["/api/v1/uploads", 401, "UNAUTHENTICATED"],
        ["/api/v1/uploads", 415, "UNSUPPORTED_MEDIA_TYPE"],
        ["/api/v1/nothing", 404, "NOT_FOUND"],
        ["/health/live", 405, "METHOD_NOT_ALLOWED"],
        ["/api/v1/admin/queue/resume", 403, "FORBIDDEN"],
      ].flatMap(([path, status, code]) =>
        ["whole", "chunked"].flatMap((form) =>
          [9, 30].map((megabytes) => JSON.stringify([path, form, megabytes, status, code])),
        ),
      );
      expect(lines).toEqual(expected);
    }, 120_000);

    test("takes no more than its bound of a body without end, and closes", async () => {
      for (const length of ["Content-Length: 9000000000", "Transfer-Encoding: chunked"]) {
        const sent = await flood(new URL(wire.url), length);

        expect(sent).toBeLessThan(90_000_000);
      }
    }, 60_000);

    test("serves HTTP/1.0 without a host, by the path that was asked for", async () => {
      const live = await wire.exchange("GET /health/live HTTP/1.0\r\n\r\n");
      const other = await wire.exchange("GET /public/api/v1/scenes HTTP/1.0\r\n\r\n");
      const scenes = await wire.exchange("GET /api/v1/scenes?a=b HTTP/1.0\r\n\r\n");

      expect([live, other, scenes].map(statusOf)).toEqual([200, 404, 200]);
    });

    test("refuses a host that is none, or that is missing, with 400", async () => {
      const bad = [
        "",
        "a b",
        "evil/x",
        "u:p@evil",
        "evil?x",
        "evil#x",
        "a:99999",
        "a\r\nHost: b",
        "[::1",
      ];
      for (const host of bad) {
        const answer = await wire.exchange(head("/health/live", `Host: ${host}`));

        expect([host, statusOf(answer)]).toEqual([host, 400]);
      }
      expect(statusOf(await wire.exchange(head("/health/live")))).toBe(400);
    });

    test("takes a host that is one", async () => {
      for (const host of ["a", "api.example.com:443", "127.0.0.1:80", "[::1]:8080", "drape_api"]) {
        const answer = await wire.exchange(head("/health/live", `Host: ${host}`));

        expect([host, statusOf(answer)]).toEqual([host, 200]);
      }
    });

    test("serves no other path than the one that was asked for", async () => {
      for (const [target, status] of [
        ["http://other.example/health/live", 200],
        ["http://other.example/public/health/live", 404],
        ["//host/health/live", 404],
        ["//health/live", 404],
        ["/health%2Flive", 404],
        ["/%2Fhealth/live", 404],
        ["/public/health/live", 404],
        ["/health/live/", 404],
        ["/health//live", 404],
      ] as const) {
        const answer = await wire.exchange(head(target, "Host: a"));

        expect([target, statusOf(answer)]).toEqual([target, status]);
      }
    });

    test("logs a body that breaks off, or whose chunks are none, as nobody's failure of ours", async () => {
      const lines = [
        "POST /api/ai-image/generate-only HTTP/1.1",
        "Host: a",
        "Content-Type: application/json",
        `Authorization: Bearer ${wire.token}`,
      ];
      const withBody = (...more: readonly string[]) => [...lines, ...more].join("\r\n");
      await sendAndLeave(wire, withBody("Transfer-Encoding: chunked", "", '5\r\n{"pro'));
      await sendAndLeave(wire, withBody("Content-Length: 1000", "", '{"prompt":'));
      const malformed = await wire.exchange(
        withBody("Transfer-Encoding: chunked", "", "zz\r\n{}\r\n"),
      );
      const after = await wire.exchange(head("/api/v1/scenes", "Host: a"));
      const ofBroken = () => wire.logged.filter((line) => line.includes("generate-only"));
      await until(async () => ofBroken().length >= 2);

      expect(ofBroken().every((line) => line.includes('"status":400'))).toBe(true);
      expect([400, 0]).toContain(statusOf(malformed));
      expect(statusOf(after)).toBe(200);
      expect(wire.logged.filter((line) => /INTERNAL|request failed|"status":5/.test(line))).toEqual(
        [],
      );
    });
  });
}

function sendAndLeave({ url }: Wire, request: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1", () => {
      socket.write(request, () => setImmediate(() => socket.resetAndDestroy()));
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve());
  });
}

/** Sends without end and looks at no answer; gives how many bytes went out before the server closed. */
function flood({ port }: URL, length: string): Promise<number> {
  const block = Buffer.alloc(1_000_000, 97);
  const chunk = Buffer.concat([Buffer.from("f4240\r\n"), block, Buffer.from("\r\n")]);
  const piece = length.startsWith("Transfer") ? chunk : block;
  return new Promise((resolve) => {
    let sent = 0;
    const socket = connect(Number(port), "127.0.0.1", () => {
      socket.write(`POST /api/v1/uploads HTTP/1.1\r\nHost: a\r\n${length}\r\n\r\n`);
      more();
    });
    const more = () => {
      while (!socket.destroyed && sent < 500_000_000) {
        sent += piece.length;
        if (!socket.write(piece)) break;
      }
      if (sent >= 500_000_000) socket.destroy();
    };
    socket
      .on("drain", more)
      .on("data", () => undefined)
      .on("error", () => undefined);
    socket.on("close", () => resolve(sent));
  });
}
