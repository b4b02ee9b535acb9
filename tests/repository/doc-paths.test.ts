import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "bun:test";
import packages from "../../package.json" with { type: "json" };
import { codeSpans, leadsSomewhere, listPages, PROJECT, prose } from "./markdown.ts";

/** A changelog speaks of files as they were. */
const PAGES = listPages().filter((page) => page !== "CHANGELOG.md");
const TOP = new Set(readdirSync(PROJECT));
/** What a build or a run makes. */
const MADE = /^(dist|out|\.data|node_modules)\//;
const MADE_FILES = new Set([".env.local", "index.js"]);
const PATH = /^[\w.*@-]+(\/[\w.*@-]+)*\/?$/;
/** `.ts`, `*.test.ts`: any file of the kind. */
const ENDING = /^(\*(\.\w+)+|\.\w{1,4})$/;
const FILE_NAME = /\.(ts|tsx|js|cjs|mjs|md|json|toml|ttf)$/;

/** Whether a word names a file or a folder of this repository: by its ending, or by the room that it begins with. */
function isOurPath(word: string): boolean {
  if (!PATH.test(word) || MADE.test(word) || MADE_FILES.has(word)) return false;
  if (word in packages.dependencies || word in packages.devDependencies) return false;
  const [first = ""] = word.split("/");
  return (FILE_NAME.test(word) && !ENDING.test(word)) || (word.includes("/") && TOP.has(first));
}

function links(text: string): readonly { readonly path: string; readonly anchor: string }[] {
  return [...prose(text).matchAll(/\]\(([^)\s#]*)(#[^)\s]+)?\)/g)]
    .map(([, path = "", anchor = ""]) => ({ path, anchor: anchor.slice(1) }))
    .filter(({ path }) => !/^\w+:/.test(path));
}

/** As GitHub makes it of a heading. */
function anchorsOf(text: string): readonly string[] {
  return [...prose(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

describe("the pages", () => {
  test.each(PAGES)("%s names files that exist", (page) => {
    const spans = codeSpans(readFileSync(join(PROJECT, page), "utf8"));
    const named = spans.flatMap((span) => span.split(" ")).filter(isOurPath);

    const missing = named.filter((path) => !leadsSomewhere(path, page));

    expect(missing).toEqual([]);
  });

  test.each(PAGES)("%s links to files and headings that exist", (page) => {
    const text = readFileSync(join(PROJECT, page), "utf8");

    const broken = links(text).filter(({ path, anchor }) => {
      const target = path === "" ? page : normalize(join(dirname(page), path));
      if (!leadsSomewhere(target, "")) return true;
      return (
        anchor !== "" && !anchorsOf(readFileSync(join(PROJECT, target), "utf8")).includes(anchor)
      );
    });

    expect(broken).toEqual([]);
  });

  test("are read at all, and a wrong path would be noticed", () => {
    const words = ["core/tasks/no-such-file.ts", "check", "/api/v1/me", "ipaddr.js", "dist/api.js"];

    const seen = words.filter((word) => isOurPath(word) && !leadsSomewhere(word, "README.md"));

    expect(PAGES).toContain("README.md");
    expect(seen).toEqual(["core/tasks/no-such-file.ts"]);
  });
});
