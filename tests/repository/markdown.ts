import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Glob } from "bun";

export const PROJECT = resolve(import.meta.dir, "../..");

/** Every page of the repository, as paths below it. */
export function listPages(): readonly string[] {
  const flags = ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"];
  const listed = spawnSync("git", flags, { cwd: PROJECT, encoding: "utf8" });
  return listed.stdout.split("\n").filter((name) => name !== "" && existsSync(join(PROJECT, name)));
}

/** The page without its blocks of code. */
export function prose(text: string): string {
  return text.replace(/^```[^]*?^```/gm, "");
}

/** What stands in backticks, without line breaks. */
export function codeSpans(text: string): readonly string[] {
  return [...prose(text).matchAll(/`([^`\n]+)`/g)].map(([, span = ""]) => span);
}

/** Whether a path leads to something, seen from the project's folder or from the page's own. It may hold `*`. */
export function leadsSomewhere(path: string, page: string): boolean {
  return [PROJECT, join(PROJECT, dirname(page))].some((folder) => {
    if (!path.includes("*")) return existsSync(join(folder, path));
    return !new Glob(path).scanSync({ cwd: folder }).next().done;
  });
}
