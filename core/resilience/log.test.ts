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
