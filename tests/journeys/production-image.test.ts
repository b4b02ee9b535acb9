import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { findMariadb } from "../../local/servers/find-mariadb.ts";
import { findRedis } from "../../local/servers/find-redis.ts";
import { filledIn } from "../deployment/read-guide.ts";
import { whereInstalled } from "../on-server.ts";
import { copyProject, startCloudCommand, type CloudCommand } from "../project-copy.ts";
import { until } from "../until.ts";

const PROJECT = resolve(import.meta.dir, "../..");
const LIMIT_MS = 90_000;
/** What a container of the product need not carry. */
const LEFT_OUT = ["local", "tests", "bench", "docs"];
const RUNTIMES = {
  bun: process.execPath,
  node: join(PROJECT, "node_modules/node/bin/node"),
} as const;
const servers = {
  name: "the servers of an image",
  programs: "redis-server and mariadbd",
  hint: "apt-get install redis-server mariadb-server",
  isInstalled: () => findRedis() !== null && findMariadb() !== null,
};

whereInstalled(servers, () => {
  describe("a production image without local/, tests/ and bench/", () => {
    const folder = mkdtempSync(join(tmpdir(), "drape-image-"));
    const environment = { PATH: process.env["PATH"] ?? "", HOME: folder, no_proxy: "127.0.0.1" };
    let cloud: CloudCommand;
    beforeAll(async () => {
      copyProject(folder);
      for (const name of LEFT_OUT) rmSync(join(folder, name), { recursive: true });
      cloud = await startCloudCommand(PROJECT, environment);
      const file = join(folder, ".env.production");
      const own = { HOST: "127.0.0.1", PORT: "0", JWT_SECRET: "wK4tq9ZrB7xLm2VnC8sPd5HyJ3fGe6Ua" };
      writeFileSync(file, filledIn(readFileSync(file, "utf8"), { ...cloud.variables, ...own }));
      expect(await run(RUNTIMES.bun, "commands/migrate-command.ts")).toContain("✅");
    }, LIMIT_MS);
    afterAll(async () => {
      await cloud.end();
      rmSync(folder, { recursive: true, force: true });
    });

    test.each([
      ["bun", "commands/start.ts", "drape is listening"],
      ["bun", "api/main.ts", "api is listening"],
      ["bun", "worker/main.ts", "worker started"],
      ["node", "commands/start.ts", "drape is listening"],
      ["node", "api/main.ts", "api is listening"],
      ["node", "worker/main.ts", "worker started"],
    ] as const)(
      "%s %s starts and stops in order",
      async (runtime, program, sentence) => {
        const { said, code } = await startAndStop(RUNTIMES[runtime], program, sentence);

        expect(said).toContain(sentence);
        expect(said).not.toContain("❌");
        expect(code).toBe(0);
      },
      LIMIT_MS,
    );

    function spawnIn(runtime: string, program: string) {
      const child = spawn(runtime, [program], {
        cwd: folder,
        env: environment,
        stdio: ["ignore", "pipe", "pipe"],
      });
      let text = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (part: string) => (text += part));
      }
      const over = new Promise<number | null>((done) => {
        child.once("close", (code) => done(code));
      });
      return { child, over, printed: () => text };
    }

    async function run(runtime: string, program: string): Promise<string> {
      const { over, printed } = spawnIn(runtime, program);
      await over;
      return printed();
    }

    async function startAndStop(runtime: string, program: string, sentence: string) {
      const { child, over, printed } = spawnIn(runtime, program);
      let isOver = false;
      void over.then(() => (isOver = true));
      await until(async () => printed().includes(sentence) || isOver, LIMIT_MS);
      child.kill("SIGTERM");
      return { code: await over, said: printed() };
    }
  });
});
