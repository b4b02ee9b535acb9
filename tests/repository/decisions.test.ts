import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "bun:test";
import packages from "../../package.json" with { type: "json" };
import { codeSpans, leadsSomewhere, PROJECT } from "./markdown.ts";

const FOLDER = "docs/decisions";
const FILES = readdirSync(join(PROJECT, FOLDER)).sort();
const read = (file: string) => readFileSync(join(PROJECT, FOLDER, file), "utf8");

const HEAD =
  /^# (\d{4}) \S.*\n\nStatus: (?:accepted|superseded by \[(\d{4})\]\(\S+\.md\))\nDate: \d{4}-\d{2}-\d{2}\n\n## Context\n/;
const SECTIONS = ["Context", "Options", "Decision", "Consequences"];
const OPTION = /^- \*\*[^*]+\*\*[^]*?(?=^- |^## |$(?![^]))/gm;

const numberIn = (file: string) => HEAD.exec(read(file))?.[1];
const replacedBy = (file: string) => HEAD.exec(read(file))?.[2];

function section(text: string, name: string): string {
  return text.split(`\n## ${name}\n`)[1]?.split("\n## ")[0] ?? "";
}

/** The paths after `Confirmed by:`; that part ends the record. */
function confirmations(file: string): readonly string[] {
  const part = read(file).split("\nConfirmed by: ")[1] ?? "";
  return codeSpans(part).filter((span) => /^[\w.-]+\/\S+$/.test(span));
}

describe("the records of decisions", () => {
  test.each(FILES)("%s has title, status, date and its four parts in order", (file) => {
    const text = read(file);

    const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);

    expect(text).toMatch(HEAD);
    expect(headings).toEqual(SECTIONS);
    expect(text.split("\nConfirmed by: ")).toHaveLength(2);
  });

  test.each(FILES)("%s weighs two options or more, each with its price", (file) => {
    const options = section(read(file), "Options").match(OPTION) ?? [];

    const unpriced = options.filter((option) => !option.includes(" Price: "));

    expect(options.length).toBeGreaterThanOrEqual(2);
    expect(unpriced).toEqual([]);
  });

  test("have numbers that are unique, and the same in title and file name", () => {
    const numbers = FILES.map(numberIn);

    expect(numbers).toEqual(FILES.map((file) => file.slice(0, 4)));
    expect(new Set(numbers).size).toBe(FILES.length);
  });

  test("that are superseded lead to one that is not", () => {
    const replaced = FILES.filter((file) => replacedBy(file) !== undefined);

    const successors = replaced.map((file) =>
      FILES.find((other) => numberIn(other) === replacedBy(file)),
    );

    expect(successors).not.toContain(undefined);
    expect(successors.filter((file = "") => replacedBy(file) !== undefined)).toEqual([]);
  });

  test.each(FILES)("%s is confirmed by files that exist", (file) => {
    const paths = confirmations(file);

    const missing = paths.filter((path) => !leadsSomewhere(path, `${FOLDER}/${file}`));

    expect(paths).not.toEqual([]);
    expect(missing).toEqual([]);
  });

  test("0001 has a line for every package", () => {
    const named = codeSpans(read("0001-dependencies.md"));

    const all = Object.keys({ ...packages.dependencies, ...packages.devDependencies });

    expect(all.filter((name) => !named.includes(name))).toEqual([]);
  });

  test("0016: the emulators stand where it says", () => {
    const folders = codeSpans(section(read("0016-emulator-is-the-name.md"), "Decision"));

    const missing = folders.filter((path) => !leadsSomewhere(path, ""));

    expect(folders).toContain("local/cloud-emulator/");
    expect(missing).toEqual([]);
  });
});
