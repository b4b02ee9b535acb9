import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { findMariadb } from "../../local/servers/find-mariadb.ts";
import { findRedis } from "../../local/servers/find-redis.ts";
import { freePort } from "../../local/servers/private-process.ts";
import { openGuideShell, type GuideShell } from "../deployment/guide-shell.ts";
import { filledIn, guideLines } from "../deployment/read-guide.ts";
import { whereInstalled } from "../on-server.ts";
import { copyProject, startCloudCommand } from "../project-copy.ts";
import { until } from "../until.ts";

const PROJECT = resolve(import.meta.dir, "../..");
const GUIDE = readFileSync(join(PROJECT, "docs/deploy.md"), "utf8");
const SECTIONS = ["5. ", "6. ", "7. "];

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
    const started = await startCloudCommand(folder, environment);
    cloud = started;
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const own = {
      HOST: "127.0.0.1",
      PORT: String(port),
      JWT_SECRET: "wK4tq9ZrB7xLm2VnC8sPd5HyJ3fGe6Ua",
    };
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

async function listening(url: string): Promise<void> {
  await until(() =>
    fetch(`${url}/health/live`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
}
