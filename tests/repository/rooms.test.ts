import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { withGenerated } from "./generated-block.ts";
import { lintConfig } from "./lint-config.ts";
import { PROJECT } from "./markdown.ts";
import { ROOMS, roomsTable } from "./rooms.ts";

const RULES = join(PROJECT, ".oxlintrc.json");
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "drape-rooms-"));
  copyFileSync(RULES, join(folder, ".oxlintrc.json"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the linter says of a file with this text, by the rules of the repository. */
function lint(path: string, text: string): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  const linter = join(PROJECT, "node_modules/.bin/oxlint");
  return spawnSync(linter, [path], { cwd: folder, encoding: "utf8" }).stdout;
}

describe("the table of rooms", () => {
  test("makes the linter's rules and the page, which are as it makes them", () => {
    const rules = readFileSync(RULES, "utf8");
    const page = readFileSync(join(PROJECT, "docs/architecture.md"), "utf8");

    const made = { rules: lintConfig(rules), page: withGenerated(page, "rooms", roomsTable()) };

    expect(made).toEqual({ rules, page });
  });

  test("lets a room import only rooms that stand above it", () => {
    const paths = ROOMS.map(({ path }) => path);
    const isAbove = (to: string, index: number) =>
      paths.slice(0, index).some((path) => path === to || path.startsWith(`${to}/`));

    const upwards = ROOMS.flatMap(({ path, imports }, index) =>
      imports.filter((to) => !isAbove(to, index)).map((to) => `${path} -> ${to}`),
    );

    expect(upwards).toEqual([]);
  });
});

describe("the linter refuses", () => {
  test.each([
    ["core/tasks/probe.ts", "../../db/store.ts", "core/ owns no wire"],
    ["net/probe.ts", "../core/model/errors.ts", "Net/ imports nothing of ours"],
    ["db/tasks/probe.ts", "../../redis/open-redis.ts", "Db/ owns SQL alone"],
    ["api/routes/probe.ts", "../../runtime/create-deps.ts", "Api/ owns HTTP alone"],
    ["worker/probe.ts", "../core/tasks/dispatch.fixture.ts", "for tests only"],
  ])("in %s an import of %s", (path, imported, cure) => {
    const said = lint(path, `import { value } from "${imported}";\nexport const other = value;\n`);

    expect(said.toLowerCase()).toContain(cure.toLowerCase());
  });

  test.each(["core/tasks/probe.ts", "db/tasks/probe.ts", "redis/probe.ts"])(
    "in %s a look at the clock and a draw of chance",
    (path) => {
      const said = lint(path, "export const now = Date.now();\nexport const x = Math.random();\n");

      expect(said).toContain("Take clock.nowMs()");
      expect(said).toContain("Take random.fraction()");
    },
  );

  test("nothing of the kind in runtime/, where the system's clock stands", () => {
    const said = lint("runtime/probe.ts", "export const now = () => Date.now();\n");

    expect(said).not.toContain("handed in");
  });
});
