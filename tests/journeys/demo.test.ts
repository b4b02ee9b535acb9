import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { sampleBytes } from "../journey.ts";
import { until } from "../until.ts";

const PROGRAM = resolve(import.meta.dir, "../../local/demo/demo.ts");
let folder = "";
let photo = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "drape-demo-test-"));
  photo = join(folder, "红色 T恤.jpg");
  writeFileSync(photo, await sampleBytes());
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts the demo as the npm script does; its temporary files go under the test's folder. */
function startDemo(args: readonly string[]) {
  const scratch = mkdtempSync(join(folder, "tmp-"));
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: folder,
    env: { ...process.env, TMPDIR: scratch },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  const code = new Promise<number | null>((done) => child.once("close", (exit) => done(exit)));
  return { child, code, scratch, out: () => out, err: () => err };
}

async function demo(...args: string[]) {
  const run = startDemo(args);
  const code = await run.code;
  return { code, out: run.out(), err: run.err(), left: readdirSync(run.scratch) };
}

describe("npm run demo", () => {
  test("two at the same time, one with a Chinese file name, both do the whole job and clean up", async () => {
    const runs = await Promise.all([
      demo(photo, "--json", "--n", "2", "--scene", "beach", "--out", "one"),
      demo(photo, "--json", "--n", "1", "--style", "sporty", "--size", "864x1152", "--out", "two"),
    ]);

    const reports = runs.map(({ out }) => JSON.parse(out));
    expect(runs.map(({ code, err, left }) => ({ code, err, left }))).toEqual([
      { code: 0, err: "", left: [] },
      { code: 0, err: "", left: [] },
    ]);
    expect(
      reports.map(({ status, images, ledgerVerified }) => [status, images.length, ledgerVerified]),
    ).toEqual([
      ["succeeded", 2, true],
      ["succeeded", 1, true],
    ]);
    expect([reports[1].images[0].width, reports[1].images[0].height]).toEqual([864, 1152]);
    expect(reports.every(({ contactSheet }) => existsSync(contactSheet))).toBe(true);
  });

  test("Ctrl-C in the middle cancels the task, says so, and leaves nothing behind", async () => {
    const run = startDemo([photo, "--n", "4", "--out", "three"]);
    await until(async () => run.out().includes("photo prepared"), 30_000);

    run.child.kill("SIGINT");

    expect(await run.code).toBe(130);
    expect(run.err()).toContain("stopped by Ctrl-C");
    expect(readdirSync(run.scratch)).toEqual([]);
  });

  test("what cannot work is refused at once, with the reason", async () => {
    const text = join(folder, "notes.jpg");
    writeFileSync(text, "this is no picture");
    const empty = join(folder, "empty");
    mkdirSync(empty);
    const file = join(folder, "a-file");
    writeFileSync(file, "");

    const runs = await Promise.all([
      demo(text),
      demo(empty),
      demo(join(folder, "nowhere.jpg")),
      demo(photo, "--out", join(file, "out")),
      demo(photo, "--n", "0"),
      demo(photo, "--colour", "red"),
    ]);

    expect(runs.map(({ code }) => code)).toEqual([1, 1, 1, 1, 1, 1]);
    const words = [
      "no picture",
      "has no photos",
      "no file or folder",
      "cannot be written",
      "from 1 to 10",
      "colour",
    ];
    for (const [index, word] of words.entries()) expect(runs[index]?.err).toContain(word);
    expect(runs.every(({ err }) => err.split("\n").length <= 4)).toBe(true);
  });

  test("a scene that does not exist is told with those that do", async () => {
    const { code, err } = await demo(photo, "--scene", "moon");

    expect(code).toBe(1);
    expect(err).toContain("city-night");
  });
});
