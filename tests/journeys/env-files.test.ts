import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { openDatabase } from "../../db/connection/open.ts";
import { findMariadb } from "../../local/servers/find-mariadb.ts";
import { findRedis } from "../../local/servers/find-redis.ts";
import { freePort } from "../../local/servers/private-process.ts";
import { system } from "../../runtime/system.ts";
import { filledIn } from "../deployment/read-guide.ts";
import { whereInstalled } from "../on-server.ts";
import { copyProject, startCloudCommand, type CloudCommand } from "../project-copy.ts";
import { until } from "../until.ts";

const LIMIT_MS = 90_000;
const servers = {
  name: "the servers of a filled file",
  programs: "redis-server and mariadbd",
  hint: "apt-get install redis-server mariadb-server",
  isInstalled: () => findRedis() !== null && findMariadb() !== null,
};

/** The steps of the original document, from an empty folder, each by the command that it names. */
const folder = mkdtempSync(join(tmpdir(), "drape-env-files-"));
const production = join(folder, ".env.production");
const local = join(folder, ".env.local");
const environment = { PATH: process.env["PATH"] ?? "", HOME: folder, no_proxy: "127.0.0.1" };
let template = "";
const children = new Set<ReturnType<typeof npm>>();
beforeAll(() => {
  copyProject(folder);
  template = readFileSync(production, "utf8");
});
beforeEach(() => {
  writeFileSync(production, template);
  rmSync(local, { force: true });
});
afterEach(async () => {
  for (const child of children) await child.end();
  children.clear();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

whereInstalled(servers, () => {
  describe("a filled file", () => {
    let cloud: CloudCommand;
    let port = "";
    const filled = () =>
      filledIn(template, {
        ...cloud.variables,
        HOST: "127.0.0.1",
        PORT: port,
        JWT_SECRET: "wK4tq9ZrB7xLm2VnC8sPd5HyJ3fGe6Ua",
      });
    beforeAll(async () => {
      cloud = await startCloudCommand(folder, environment);
    }, LIMIT_MS);
    beforeEach(async () => {
      port = String(await freePort());
    });
    afterAll(() => cloud.end());

    test(
      "as .env.production: npm run build && npm start runs on what it names, whatever .env.local says",
      async () => {
        writeFileSync(production, filled());
        writeFileSync(local, "DATABASE_URL=mysql://u:p@127.0.0.1:1/accident\n");

        const built = await npm("run", "build").over;
        const start = npm("start");
        await start.says("drape is listening");

        expect(built).toBe(0);
        const first = firstLine(start.printed());
        expect(first).toMatchObject({
          file: ".env.production",
          note: ".env.local is filled in too and is not read",
          database: expect.stringMatching(/^mysql 127\.0\.0\.1:\d+\/\w+$/),
          queue: `Redis ${cloud.variables["REDIS_HOST"]}`,
          cloud: expect.stringContaining(cloud.variables["SCF_ENDPOINT"] ?? "?"),
        });
        expect(await healthOf(port)).toBe(200);
      },
      LIMIT_MS,
    );

    test(
      "copied to .env.local: npm run dev runs on the same, in development, and makes no customer there",
      async () => {
        writeFileSync(production, filled());
        copyFileSync(production, local);
        const users = await countUsers(cloud.variables["DATABASE_URL"] ?? "");

        const dev = npm("run", "dev");
        await dev.says("Stop     Ctrl-C");

        const out = dev.printed();
        expect(out).toContain("file=.env.local");
        expect(out).toMatch(/database=mysql 127\.0\.0\.1:\d+/);
        expect(out).toContain(`queue=Redis ${cloud.variables["REDIS_HOST"]}`);
        expect(out).toContain(cloud.variables["SCF_ENDPOINT"] ?? "?");
        expect(out).toContain("npm run admin:make -- --email");
        expect(out).not.toContain("demo@example.com");
        expect(await countUsers(cloud.variables["DATABASE_URL"] ?? "")).toBe(users);
      },
      LIMIT_MS,
    );

    test(
      "half-filled as .env.local: npm run dev mixes real and embedded parts, said part by part",
      async () => {
        const { DATABASE_URL = "", TENCENTCLOUD_SECRET_ID = "" } = cloud.variables;
        writeFileSync(
          local,
          filledIn(template, { DATABASE_URL, TENCENTCLOUD_SECRET_ID, PORT: port }),
        );

        const dev = npm("run", "dev");
        await dev.says("Stop     Ctrl-C");

        const out = dev.printed();
        expect(out).toMatch(/database=mysql 127\.0\.0\.1:\d+/);
        expect(out).toContain("queue=embedded, in memory");
        expect(out).toContain(
          "cloud=embedded cloud (TENCENTCLOUD_SECRET_KEY, COS_BUCKET not set), preview pictures",
        );
      },
      LIMIT_MS,
    );

    test.each(["start", "start:api", "start:worker"])(
      "half-filled as .env.production: npm run %s is refused with the list, and starts nothing embedded",
      async (script) => {
        const { DATABASE_URL = "" } = cloud.variables;
        writeFileSync(production, filledIn(template, { DATABASE_URL }));

        const refused = npm("run", script);
        const code = await refused.over;

        expect(code).toBe(1);
        for (const name of ["REDIS_HOST", "TENCENTCLOUD_SECRET_ID", "COS_BUCKET"]) {
          expect(refused.printed()).toContain(`${name}: still a placeholder, set it`);
        }
        expect(refused.printed()).not.toContain("ARK_API_KEY");
        expect(refused.printed()).not.toContain("embedded");
      },
      LIMIT_MS,
    );
  });
});

describe("no file", () => {
  test(
    "npm start runs embedded and says so first",
    async () => {
      const start = npm("start", { PORT: String(await freePort()) });
      await start.says("drape is listening");

      expect(firstLine(start.printed())).toMatchObject({
        file: "none, the process's environment alone",
        note: ".env.production has nothing filled in",
        queue: "embedded, in memory",
        cloud: "embedded cloud, preview pictures",
      });
    },
    LIMIT_MS,
  );

  test(
    "npm run dev refuses PORT=abc and obeys the limits that it is given",
    async () => {
      const refused = npm("run", "dev", { PORT: "abc" });
      await refused.says("PORT: ");
      writeFileSync(local, `RATE_LIMIT_PER_MINUTE=77\nPORT=${await freePort()}\n`);
      const dev = npm("run", "dev");
      await dev.says("requestsPerMinute=77");

      expect(refused.printed()).toContain("The configuration has 1 fault(s)");
    },
    LIMIT_MS,
  );

  test(
    "the demo reads neither a file nor an address or key of the environment",
    async () => {
      const hostile = {
        NODE_ENV: "production",
        PORT: "abc",
        DATABASE_URL: "mysql://u:p@127.0.0.1:1/nowhere",
        REDIS_HOST: "127.0.0.1:1",
        TENCENTCLOUD_SECRET_ID: "id",
        TENCENTCLOUD_SECRET_KEY: "key",
        COS_BUCKET: "drape-1250000000",
        SCF_ENDPOINT: "127.0.0.1:1",
        COS_ENDPOINT: "127.0.0.1:1",
        ARK_API_KEY: "key",
        ARK_BASE_URL: "http://127.0.0.1:1",
        PROMPT_API_KEY: "key",
        PROMPT_BASE_URL: "http://127.0.0.1:1",
        IMAGE_MODEL: "no-model",
      };
      const lines = Object.entries(hostile).map(([name, value]) => `${name}=${value}\n`);
      writeFileSync(production, lines.join(""));
      writeFileSync(local, lines.join(""));

      const demo = npm("run", "demo", "--", "--json", "--n", "1", hostile);
      const code = await demo.over;

      expect([code, demo.printed()]).toEqual([0, expect.stringContaining('"status": "succeeded"')]);
    },
    LIMIT_MS,
  );
});

/** An npm command in the copy; the last argument may be variables of its process. */
function npm(...words: readonly (string | Record<string, string>)[]) {
  const args = words.filter((word) => typeof word === "string");
  const more = words.filter((word) => typeof word !== "string")[0] ?? {};
  // A group of its own, so that whatever npm starts ends with it.
  const child = spawn("npm", args, {
    cwd: folder,
    env: { ...environment, ...more },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (part: string) => (text += part));
  }
  const over = new Promise<number | null>((done) => {
    child.once("close", (code) => done(code));
  });
  const signal = (name: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name);
    } catch {
      // It is gone already.
    }
  };
  const started = {
    over,
    printed: () => text,
    async says(sentence: string) {
      let isOver = false;
      void over.then(() => (isOver = true));
      await until(async () => text.includes(sentence) || isOver, LIMIT_MS);
      if (!text.includes(sentence)) throw new Error(`it never said "${sentence}":\n${text}`);
    },
    async end() {
      signal("SIGTERM");
      await over;
    },
  };
  children.add(started);
  return started;
}

/** The fields of the first line of the log; npm's own lines go before it. */
function firstLine(printed: string): unknown {
  const line = printed.split("\n").find((text) => text.startsWith("{"));
  return JSON.parse(line ?? "null");
}

async function healthOf(port: string): Promise<number> {
  const { status } = await fetch(`http://127.0.0.1:${port}/health/live`);
  return status;
}

async function countUsers(url: string): Promise<number> {
  const db = await openDatabase(url, { ...system, mustExist: true });
  const { count } = await db.kysely
    .selectFrom("users")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  await db.close();
  return Number(count);
}
