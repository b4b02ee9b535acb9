import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { parseEnv } from "node:util";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { findMariadb } from "../../local/servers/find-mariadb.ts";
import { findRedis } from "../../local/servers/find-redis.ts";
import { freePort } from "../../local/servers/private-process.ts";
import { openGuideShell, type GuideShell } from "../deployment/guide-shell.ts";
import { filledIn, guideLines } from "../deployment/read-guide.ts";
import { whereInstalled } from "../on-server.ts";
import { until } from "../until.ts";

const PROJECT = resolve(import.meta.dir, "../..");
const GUIDE = readFileSync(join(PROJECT, "docs/deploy.md"), "utf8");
const SECTIONS = ["5. ", "6. ", "7. "];
const NOT_COPIED = /^(node_modules|\.git|dist|out|\.data|\.env\.local)$/;

const TOOLS = ["curl", "openssl"];
const tools = {
  name: "the tools of the guide's lines",
  programs: `redis-server, mariadbd, ${TOOLS.join(" and ")}`,
  hint: "apt-get install redis-server mariadb-server curl openssl",
  isInstalled: () =>
    findRedis() !== null &&
    findMariadb() !== null &&
    TOOLS.every((tool) => Bun.which(tool) !== null),
};

whereInstalled(tools, () => {
  const folder = mkdtempSync(join(tmpdir(), "drape-guide-"));
  let shell: GuideShell;
  let cloud: { end(): Promise<void> };
  let url: string;
  beforeAll(async () => {
    copyProject(folder);
    const environment = {
      PATH: process.env["PATH"] ?? "",
      HOME: folder,
      no_proxy: "127.0.0.1",
      npm_config_update_notifier: "false",
    };
    const started = await startCloud(folder, environment);
    cloud = started;
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const own = { HOST: "127.0.0.1", PORT: String(port), JWT_SECRET: "x".repeat(48) };
    const file = join(folder, ".env.production");
    writeFileSync(file, filledIn(readFileSync(file, "utf8"), { ...started.variables, ...own }));
    shell = openGuideShell(folder, environment);
  });
  afterAll(async () => {
    await shell?.end();
    await cloud?.end();
    rmSync(folder, { recursive: true, force: true });
  });

  test("docs/deploy.md, line by line, from a fresh copy onto a cloud that has functions already", async () => {
    const lines = guideLines(GUIDE, SECTIONS);
    const seen: string[] = [];
    for (const line of lines) {
      if (line.startsWith("npm ci")) continue;
      if (line.startsWith("npm run start:")) {
        await shell.start(line);
        if (line.startsWith("npm run start:api")) await listening(url);
        continue;
      }
      const { code, out } = await shell.run(line.replaceAll("https://api.example.com", url));
      seen.push(out);
      if (code !== 0)
        throw new Error(`exit ${code} of: ${line}\n${out}\n${shell.printed().slice(-2_000)}`);
    }

    const text = seen.join("\n");
    expect(text).toContain("3 of 3 functions would change; nothing was changed");
    expect(text).toContain("image-generator: alias live 1 -> 2");
    expect(text.match(/^\d+ passed, 0 failed, 0 skipped$/gm)).toHaveLength(2);
    expect(text).not.toContain("❌");
  });
});

/** As cloned, with the packages of this one instead of `npm ci`. */
function copyProject(folder: string): void {
  cpSync(PROJECT, folder, {
    recursive: true,
    filter: (from) => !NOT_COPIED.test(from.slice(PROJECT.length + 1)),
  });
  symlinkSync(join(PROJECT, "node_modules"), join(folder, "node_modules"), "dir");
}

/** The emulated cloud by its command, as the guide's reader starts it; `variables` is what it printed. */
async function startCloud(cwd: string, env: Record<string, string>) {
  const args = ["local/cloud-emulator/cloud-command.ts", "--redis", "--mysql", "--quick"];
  const child = spawn(process.execPath, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let failure = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (failure += text));
  const ended = new Promise<void>((done) => {
    child.once("close", () => done());
  });
  let text = "";
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === "") break;
    text += `${line}\n`;
  }
  const variables = parseEnv(text) as Record<string, string>; // every line that it prints has a value
  if (variables["SCF_ENDPOINT"] === undefined) throw new Error(`no cloud: ${failure}`);
  return {
    variables,
    async end() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function listening(url: string): Promise<void> {
  await until(() =>
    fetch(`${url}/health/live`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
}
