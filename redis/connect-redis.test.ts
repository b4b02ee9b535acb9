import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { Redis } from "ioredis";
import { describe, expect, test } from "bun:test";
import { until } from "../tests/until.ts";
import { checkRedis } from "./connect-redis.ts";
import { findRedis } from "../local/servers/find-redis.ts";
import { onRedis } from "../tests/on-redis.ts";

const MODULE = resolve(import.meta.dir, "../local/servers/private-redis.ts");

async function answers(address: { host: string; port: number }): Promise<boolean> {
  return checkRedis(address).then(
    () => true,
    () => false,
  );
}

describe("a Redis server", () => {
  test("is looked for on the PATH and by DRAPE_REDIS_SERVER", () => {
    expect(findRedis({ DRAPE_REDIS_SERVER: "none" })).toBeNull();
    expect(findRedis({ DRAPE_REDIS_SERVER: "/no/such/program" })).toBeNull();
    expect(findRedis({ DRAPE_REDIS_SERVER: process.execPath })).toBe(process.execPath);
  });

  test("that is missing is said aloud, and fails where CI says that it must be there", () => {
    const suite = resolve(import.meta.dir, "redis.test.ts");
    const without = (environment: Record<string, string>) =>
      spawnSync(process.execPath, ["test", "--pass-with-no-tests", suite], {
        encoding: "utf8",
        env: { ...process.env, ...environment, DRAPE_REDIS_SERVER: "none" },
      });

    const [here, pipeline] = [without({ CI: "" }), without({ CI: "true" })];

    expect(here.stderr).toContain("DO NOT RUN");
    expect([here.status, pipeline.status]).toEqual([0, 1]);
  });

  test("that does not answer is told with what to do", async () => {
    const address = { host: "127.0.0.1", port: 1 };

    expect(checkRedis(address)).rejects.toThrow(
      /127\.0\.0\.1:1 does not answer .*ECONNREFUSED.*REDIS_HOST/,
    );
  });
});

onRedis((server) => {
  describe("a Redis server that is installed", () => {
    test("gives its version, with the settings that jobs need", async () => {
      const redis = new Redis(server().port, server().host);

      expect(await checkRedis(server())).toBe(server().version);
      expect(server().version).toMatch(/^\d+\.\d+\.\d+$/);
      expect(await redis.config("GET", "append*")).toEqual(
        expect.arrayContaining(["appendonly", "yes", "appendfsync", "everysec"]),
      );
      expect(await redis.config("GET", "save")).toEqual(["save", ""]);
      redis.disconnect();
    });

    test("that evicts keys is refused with what to do", async () => {
      const redis = new Redis(server().port, server().host);
      await redis.config("SET", "maxmemory-policy", "allkeys-lru");

      const checked = await checkRedis(server()).catch(String);
      await redis.config("SET", "maxmemory-policy", "noeviction");

      expect(checked).toMatch(/allkeys-lru.*Set maxmemory-policy noeviction/);
      redis.disconnect();
    });

    test("that wants another password is refused with what to do", async () => {
      const redis = new Redis(server().port, server().host);
      await redis.config("SET", "requirepass", "the-right-one");

      const without = await checkRedis(server()).catch(String);
      const wrong = await checkRedis({ ...addressOf(), password: "wrong" }).catch(String);
      const right = await checkRedis({ ...addressOf(), password: "the-right-one" });
      await redis.config("SET", "requirepass", "");

      expect([without, wrong]).toEqual(Array(2).fill(expect.stringContaining("REDIS_PASSWORD")));
      expect(right).toBe(server().version);
      redis.disconnect();
    });

    test("goes on with its data when it is killed and started again", async () => {
      const redis = new Redis(server().port, server().host);
      await redis.set("kept", "yes");
      await server().kill();
      const gone = await answers(server());

      await server().restart();

      expect(gone).toBe(false);
      expect(await redis.get("kept")).toBe("yes");
      redis.disconnect();
    });

    test("dies with the process that started it, even when that is killed", async () => {
      const folder = mkdtempSync(join(tmpdir(), "drape-orphan-"));
      const script = `
        import { startPrivateRedis } from ${JSON.stringify(MODULE)};
        const { port } = await startPrivateRedis(${JSON.stringify(folder)});
        process.stdout.write(port + "\\n");
        setInterval(() => {}, 1000);`;
      const parent = spawn(process.execPath, ["-e", script], {
        stdio: ["ignore", "pipe", "ignore"],
      });
      let port = 0;
      for await (const line of createInterface({ input: parent.stdout })) {
        port = Number(line);
        break;
      }
      const orphan = { host: "127.0.0.1", port };
      const before = await answers(orphan);

      parent.kill("SIGKILL");

      await until(async () => !(await answers(orphan)), 5_000);
      expect(before).toBe(true);
      rmSync(folder, { recursive: true, force: true });
    });

    const addressOf = () => ({ host: server().host, port: server().port });
  });
});
