import { expect, test } from "bun:test";
import { fileURLToPath } from "node:url";
import { drawText, FONT_FILE, testFont } from "./watermark-font.ts";

test("the shipped font draws Chinese", async () => {
  expect(await testFont(fileURLToPath(new URL(`../${FONT_FILE}`, import.meta.url)))).toBe(
    "chinese",
  );
});

test("without any font for Chinese the test tells it apart from letters", async () => {
  // A font that was loaded stays for the whole process, so the missing one needs a process of its own.
  const script = `const { testFont } = await import(${JSON.stringify(import.meta.resolve("./watermark-font.ts"))});
    console.log(await testFont("/nowhere/font.ttf"));`;

  const run = Bun.spawn([process.execPath, "-e", script], {
    env: { ...process.env, FONTCONFIG_FILE: "/nowhere/fonts.conf", FONTCONFIG_PATH: "/nowhere" },
    stdout: "pipe",
    stderr: "ignore",
  });
  const said = (await new Response(run.stdout).text()).trim();

  expect(["latin", "none"]).toContain(said);
});

test("a longer word is wider", async () => {
  const one = await drawText("衣", 40);
  const four = await drawText("衣服模特", 40);

  expect(four.width).toBeGreaterThan(one.width * 3);
});
