import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, test } from "bun:test";
import { createLog } from "../core/log.ts";
import type { Log } from "../core/ports/log.ts";
import { findRedis } from "./find-redis.ts";
import { startPrivateRedis, type PrivateRedis } from "./private-redis.ts";

export const silent: Log = createLog({
  format: "json",
  level: "quiet",
  write: () => undefined,
  nowMs: Date.now,
});

/** A busy machine takes its time over the first start. */
const START_LIMIT_MS = 60_000;

/**
 * Runs tests on a private server of their own. Where none is installed it says so on stderr and runs none of them;
 * with `CI=true` that is a failing test, so that no pipeline goes green by having skipped half of the promises.
 */
export function onRedis(suite: (server: () => PrivateRedis) => void): void {
  if (findRedis() === null) {
    const text = "no redis-server is installed: the tests on Redis DO NOT RUN";
    process.stderr.write(`\n⚠️  ${text}\n\n`);
    if (process.env["CI"] === "true") {
      test("a Redis server is installed where CI runs", () => {
        throw new Error(text);
      });
    }
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), "drape-redis-"));
  let server: PrivateRedis | undefined;
  beforeAll(async () => {
    server = await startPrivateRedis(folder);
  }, START_LIMIT_MS);
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  suite(() => {
    if (server === undefined) throw new Error("the server is not started yet");
    return server;
  });
}
