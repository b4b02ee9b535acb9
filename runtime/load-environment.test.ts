import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { loadEnvironment } from "./load-environment.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "drape-env-"));
  writeFileSync(join(folder, ".env.production"), "WHERE=production\nONLY_PRODUCTION=1\n");
  writeFileSync(join(folder, ".env.local"), "WHERE=local # mine\nPORT=4000\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

test("production reads its own file alone, everything else the local one", () => {
  expect(loadEnvironment({ NODE_ENV: "production" }, folder)).toEqual({
    NODE_ENV: "production",
    WHERE: "production",
    ONLY_PRODUCTION: "1",
  });
  expect(loadEnvironment({}, folder)).toEqual({ WHERE: "local", PORT: "4000" });
});

test("what the process was started with wins", () => {
  expect(loadEnvironment({ PORT: "5000" }, folder)["PORT"]).toBe("5000");
});

test("a copy of .env.production serves for development: placeholders count as absent, and it is no production", () => {
  const copy = mkdtempSync(join(tmpdir(), "drape-env-"));
  writeFileSync(
    join(copy, ".env.local"),
    "NODE_ENV=production\nJWT_SECRET=__SET_ME__\nPORT=3000\n",
  );

  const environment = loadEnvironment({}, copy);

  rmSync(copy, { recursive: true });
  expect(environment).toEqual({ PORT: "3000" });
});
