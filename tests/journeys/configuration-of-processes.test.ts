import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Redis } from "ioredis";
import { openDatabase } from "../../db/connection/open.ts";
import { migrate } from "../../db/migrations/migrate.ts";
import { findRedis } from "../../local/servers/find-redis.ts";
import { freePort } from "../../local/servers/private-process.ts";
import { startPrivateRedis, type PrivateRedis } from "../../local/servers/private-redis.ts";
import type { Command } from "../../runtime/config/config-key.ts";
import { CONFIG_NAMES, CONFIG_TABLE, type ConfigName } from "../../runtime/config/config-table.ts";
import { system } from "../../runtime/system.ts";
import { arrivalTable, processKeys, type Arrival } from "../configuration-table.ts";
import { onMariadb } from "../on-mariadb.ts";
import { whereInstalled } from "../on-server.ts";
import { startProgram } from "../run-program.ts";
import { until } from "../until.ts";

const PROGRAMS: Partial<Record<Command, string>> = {
  start: "commands/start.ts",
  "start:api": "api/main.ts",
  "start:worker": "worker/main.ts",
  dev: "local/dev/dev-server.ts",
};
const COMMANDS = Object.keys(PROGRAMS) as Command[]; // the keys above
/** Said by what a process refuses and by the form of its log: tests of their own. */
const OF_THE_FRAME: readonly ConfigName[] = ["NODE_ENV", "LOG_LEVEL", "ALLOW_STAND_INS"];
const arrivals: Arrival[] = [];

const folder = mkdtempSync(join(tmpdir(), "drape-config-"));
afterAll(() => {
  const seen = [...new Set(arrivals.map(({ command }) => command))];
  process.stdout.write(`${arrivalTable(arrivals, seen)}\n`);
  rmSync(folder, { recursive: true, force: true });
});

const start = (command: Command, variables: Record<string, string>) =>
  startProgram(PROGRAMS[command] ?? "", folder, variables);

const redisKind = {
  name: "a Redis server",
  programs: "redis-server",
  hint: "apt-get install redis-server",
  isInstalled: () => findRedis() !== null,
};
whereInstalled(redisKind, () =>
  onMariadb((mariadb) => {
    describe("every key arrives where it concerns the process", () => {
      let redis: PrivateRedis;
      let given: Record<string, string>;
      let keys: ReturnType<typeof processKeys>;
      beforeAll(async () => {
        redis = await startPrivateRedis(join(folder, "redis"));
        const admin = new Redis({ host: redis.host, port: redis.port });
        await admin.config("SET", "requirepass", "redis-password");
        admin.disconnect();
        const databaseUrl = await mariadb().createDatabase("configuration");
        const db = await openDatabase(databaseUrl, system);
        await migrate(db.kysely);
        await db.close();
        const { host, pathname } = new URL(databaseUrl);
        const ports = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
        const [port, scf, cos, check] = ports;
        keys = processKeys({
          PORT: String(port),
          DATABASE_URL: databaseUrl,
          databaseSaid: `mysql ${host}${pathname}`,
          REDIS_HOST: `${redis.host}:${redis.port}`,
          REDIS_PASSWORD: "redis-password",
          TENCENTCLOUD_SECRET_ID: "AKIDtable",
          TENCENTCLOUD_SECRET_KEY: "key-of-the-table",
          SCF_ENDPOINT: `127.0.0.1:${scf}`,
          COS_ENDPOINT: `127.0.0.1:${cos}`,
          CONTENT_CHECK_ENDPOINT: `127.0.0.1:${check}`,
        });
        given = Object.fromEntries(Object.entries(keys).map(([name, { value }]) => [name, value]));
      }, 60_000);
      afterAll(() => redis.stop());

      test("the rows are all keys that a process reads", () => {
        const read = CONFIG_NAMES.filter((name) =>
          CONFIG_TABLE[name].commands.some(
            (command) => command === "start:api" || command === "start:worker",
          ),
        );

        expect([...Object.keys(keys), ...OF_THE_FRAME].sort()).toEqual([...read].sort());
      });

      test.each(COMMANDS)(
        "%s",
        async (command) => {
          const fields = await runsWith(command, given);

          for (const [name, { field, says }] of Object.entries(keys)) {
            const key = name as ConfigName; // a key of `processKeys`
            const concerns = CONFIG_TABLE[key].commands.includes(command);
            arrivals.push({ command, name: key, arrived: String(fields[field]) === String(says) });
            expect({ name, seen: String(fields[field]) === String(says) }).toEqual({
              name,
              seen: concerns,
            });
          }
        },
        60_000,
      );
    });
  }),
);

describe("the keys of a process's frame", () => {
  const cloud = {
    TENCENTCLOUD_SECRET_ID: "id",
    TENCENTCLOUD_SECRET_KEY: "key",
    COS_BUCKET: "drape-1250000000",
    SCF_ENDPOINT: "127.0.0.1:9",
    JWT_SECRET: "a secret of more than thirty-two characters",
    DATABASE_URL: "sqlite::memory:",
  };

  test.each(["start", "dev"] as const)(
    "%s: production refuses an emulated cloud, unless it is allowed",
    async (command) => {
      const refused = await ended(command, { ...cloud, NODE_ENV: "production" });
      const allowed = await runsWith(command, {
        ...cloud,
        NODE_ENV: "production",
        ALLOW_STAND_INS: "true",
      });

      expect(refused).toContain("SCF_ENDPOINT: an emulated cloud is refused in production");
      expect(allowed["scf"]).toBe("127.0.0.1:9");
      for (const name of ["NODE_ENV", "ALLOW_STAND_INS"] as const)
        arrivals.push({ command, name, arrived: true });
    },
    60_000,
  );

  test("start says nothing but failures where LOG_LEVEL is quiet", async () => {
    const port = String(await freePort());
    const child = start("start", { ...cloud, PORT: port, LOG_LEVEL: "quiet" });
    const url = `http://127.0.0.1:${port}/health/live`;

    await answered(url);
    child.end();
    const out = await child.out;

    expect(out).not.toMatch(/🚀|📊/u);
    arrivals.push({ command: "start", name: "LOG_LEVEL", arrived: true });
  }, 60_000);
});

/** What a process says that its parts were given; it is ended then. */
async function runsWith(command: Command, environment: Record<string, string>) {
  const { stdout, out, end } = start(command, environment);
  for await (const line of createInterface({ input: stdout })) {
    const at = line.indexOf("📊 runs with");
    if (at < 0) continue;
    end();
    await out;
    return fieldsOf(line);
  }
  throw new Error(`${command} did not say what it runs with:\n${await out}`);
}

/** Of a JSON line, or of a pretty one (`name=value name=value`). */
function fieldsOf(line: string): Record<string, unknown> {
  if (line.startsWith("{")) return JSON.parse(line) as Record<string, unknown>; // our log's line
  const pairs = [...line.matchAll(/(\w+)=(.*?)(?= \w+=|$)/g)];
  return Object.fromEntries(pairs.map(([, name = "", value = ""]) => [name, value]));
}

/** What a process printed that ended by itself. */
async function ended(command: Command, environment: Record<string, string>): Promise<string> {
  return start(command, environment).out;
}

async function answered(url: string): Promise<void> {
  await until(() =>
    fetch(url).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
}
