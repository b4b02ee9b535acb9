import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "bun:test";
import { identifiersOf } from "./identifiers.ts";
import { EXCEPTIONS, leftWordsIn } from "./words.ts";

describe("a word that left the code", () => {
  test("is refused in an identifier, whichever way its words are joined", () => {
    const source =
      "const openHouse = TASK_WISH; type Roster2 = ProviderStandIns; class CrashPoint {}";

    const found = leftWordsIn("core/queue/eta.ts", source);

    expect(found.map((line) => /: (\w+) says "([\w-]+)"/.exec(line)?.slice(1))).toEqual([
      ["openHouse", "house"],
      ["TASK_WISH", "wish"],
      ["Roster2", "roster"],
      ["ProviderStandIns", "stand-ins"],
      ["CrashPoint", "crash-point"],
    ]);
  });

  test("is refused in the name of a file, with the words to take instead", () => {
    expect(leftWordsIn("redis/lease-slots.test.ts", "")).toEqual([
      'redis/lease-slots.test.ts: its name says "slots": semaphore, permit',
    ]);
  });

  test("may stand in comments, in strings, and within another word", () => {
    const source = `
      // each house has its place
      const replaced = "a wish"; /* told */ const warehouse = \`\${replaced} slots\`;
      const inDoubtCalls = /lane/.test(replaced);
    `;

    expect(leftWordsIn("core/queue/eta.ts", source)).toEqual([]);
  });

  test("stays in the names of columns and fields, these in their own files alone", () => {
    expect(leftWordsIn("api/routes/stats.ts", "slots; asks; doubt;")).toEqual([]);
    expect(leftWordsIn("core/queue/eta.ts", "slots")).toHaveLength(1);
  });

  test("has no exception without a name that needs it", () => {
    const root = resolve(import.meta.dir, "../..");
    const { stdout } = Bun.spawnSync(["git", "ls-files", "*.ts"], { cwd: root });
    const files = stdout.toString().trim().split("\n");
    const sources = files.map((path) => readFileSync(resolve(root, path), "utf8"));
    const used = new Set([...files, ...sources.flatMap(identifiersOf)]);

    const idle = EXCEPTIONS.flatMap(({ names }) => names.split(" ")).filter(
      (name) => !used.has(name),
    );

    expect(idle).toEqual([]);
  });
});

describe("the identifiers of a source", () => {
  test("are those of its code, in templates too", () => {
    const source =
      "a = `x ${b + `y ${c}`} z`; d = e / f / g; if (h) return /i\\/[/\"]/.test(j['k']);";

    expect(identifiersOf(source).join(" ")).toBe("a b c d e f g if h return test j");
  });
});
