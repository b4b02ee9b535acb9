import { expect, test } from "bun:test";
import { createLog } from "./log.ts";

function logged(format: "json" | "pretty", level: "all" | "quiet" = "all") {
  const lines: string[] = [];
  const log = createLog({ format, level, write: (line) => lines.push(line), nowMs: () => 0 });
  return { log, lines };
}

test("start, success, failure and information have their marks", () => {
  const { log, lines } = logged("pretty");

  log.start("a");
  log.success("b");
  log.failure("c", null);
  log.info("d");

  expect(lines.map((line) => line.trim())).toEqual(["🚀 a", "✅ b", "❌ c", "📊 d"]);
});

test("production writes one JSON object a line, with its facts as fields", () => {
  const { log, lines } = logged("json");

  log.info("request", { requestId: "req_1", status: 200 });

  expect(JSON.parse(lines[0] ?? "")).toEqual({
    time: "1970-01-01T00:00:00.000Z",
    kind: "info",
    message: "📊 request",
    requestId: "req_1",
    status: 200,
  });
});

test("what is named like a secret is never written, in either form", () => {
  for (const format of ["json", "pretty"] as const) {
    const { log, lines } = logged(format);

    log.info("signed in", { accessToken: "tok-123", apiKey: "key-123", password: "pw-123" });

    expect(lines.join()).not.toMatch(/-123/);
    expect(lines.join()).toContain("[hidden]");
  }
});

test("a line break in a value does not make a second line in production", () => {
  const { log, lines } = logged("json");

  log.failure("it failed", new Error("first\nsecond"), { text: "a\nb" });

  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain("\n");
});

test("quiet keeps failures alone", () => {
  const { log, lines } = logged("pretty", "quiet");

  log.info("seen");
  log.failure("broken", null);

  expect(lines).toHaveLength(1);
});

const SECRETS = [
  "secret",
  "clientSecret",
  "password",
  "passwordHash",
  "token",
  "accessToken",
  "authorization",
  "Authorization",
  "signature",
  "q-signature",
  "apiKey",
  "api_key",
  "api-key",
  "passwd",
  "session_key",
  "Set-Cookie",
];

test("no secret word leads to its value on any way into the log, nested too", () => {
  for (const format of ["json", "pretty"] as const) {
    for (const name of SECRETS) {
      const { log, lines } = logged(format);
      const bag = { [name]: "CANARY" };
      const nested = { request: { headers: [bag] } };
      // What is typed as plain may be more at run time.
      const fields = nested as unknown as Record<string, string>;

      log.start("a", bag);
      log.success("b", bag);
      log.info("c", bag);
      log.info("d", fields);
      log.failure("e", null, bag);
      log.failure("f", nested);
      log.failure("g", new Error("it failed", { cause: nested }));
      log.failure("h", new Error("it failed", { cause: new Error("deeper", { cause: bag }) }));

      expect(lines).toHaveLength(8);
      expect([format, name, lines.join("\n")]).toEqual([
        format,
        name,
        expect.not.stringContaining("CANARY"),
      ]);
      expect(lines.join("\n").match(/\[hidden\]/g)?.length).toBeGreaterThanOrEqual(8);
    }
  }
});
