import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "bun:test";
import { COMMANDS, type Command } from "./config/config-key.ts";
import { parseConfig } from "./config/parse-config.ts";
import { loadEnvironment } from "./load-environment.ts";

const TEMPLATE = readFileSync(
  fileURLToPath(new URL("../.env.production", import.meta.url)),
  "utf8",
);
const ONE_FILLED = "DATABASE_URL=mysql://u:p@db.example.com/drape";
const filledOnce = TEMPLATE.replace("DATABASE_URL=__SET_ME__", ONE_FILLED);
const OPERATING = COMMANDS.filter((command) => command !== "dev");

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

type Files = { readonly production?: string; readonly local?: string };

function load(command: Command, files: Files, started: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "drape-env-"));
  folders.push(folder);
  if (files.production !== undefined)
    writeFileSync(join(folder, ".env.production"), files.production);
  if (files.local !== undefined) writeFileSync(join(folder, ".env.local"), files.local);
  return loadEnvironment(command, started, folder);
}

describe.each(OPERATING)("the file of %s", (command) => {
  test("is .env.production once one of its placeholders was replaced", () => {
    const { file, variables, note } = load(command, { production: filledOnce });

    expect([file, note]).toEqual([".env.production", null]);
    expect(variables["DATABASE_URL"]).toBe("mysql://u:p@db.example.com/drape");
    expect(variables["NODE_ENV"]).toBe("production");
  });

  test("is .env.production also beside a filled .env.local, and that is said", () => {
    const local = "DATABASE_URL=mysql://u:p@accident.example.com/other";

    const { file, variables, note } = load(command, { production: filledOnce, local });

    expect(file).toBe(".env.production");
    expect(variables["DATABASE_URL"]).toContain("db.example.com");
    expect(note).toBe(".env.local is filled in too and is not read");
  });

  test("is .env.local where .env.production is untouched or absent", () => {
    const local = "NODE_ENV=test\nDATABASE_URL=sqlite:mine.sqlite";

    const beside = load(command, { production: TEMPLATE, local });
    const alone = load(command, { local });

    expect([beside.file, beside.note]).toEqual([
      ".env.local",
      ".env.production has nothing filled in",
    ]);
    expect([alone.file, alone.note]).toEqual([".env.local", ".env.production is not there"]);
    expect(beside.variables).toEqual({ NODE_ENV: "test", DATABASE_URL: "sqlite:mine.sqlite" });
  });

  test("is none where both are untouched copies, and that is said", () => {
    const { file, variables, note } = load(command, { production: TEMPLATE, local: TEMPLATE });

    expect([file, variables]).toEqual([null, {}]);
    expect(note).toBe(".env.production has nothing filled in, nor has .env.local");
  });

  test("yields to what the process was started with, NODE_ENV too", () => {
    const started = { DATABASE_URL: "sqlite:other", NODE_ENV: "development" };

    const { variables } = load(command, { production: filledOnce }, started);

    expect(variables).toMatchObject(started);
  });
});

describe("a placeholder that is left in a touched file", () => {
  const left = (command: Command, files: Files, started: Record<string, string> = {}) => {
    try {
      parseConfig(command, load(command, files, started).variables);
      return [];
    } catch (error) {
      return [...String(error).matchAll(/^ {2}(\w+): still a placeholder/gm)].map(
        ([, name]) => name,
      );
    }
  };

  test.each([
    [
      "start",
      [
        "REDIS_HOST",
        "JWT_SECRET",
        "TENCENTCLOUD_SECRET_ID",
        "TENCENTCLOUD_SECRET_KEY",
        "COS_BUCKET",
      ],
    ],
    [
      "start:worker",
      ["REDIS_HOST", "TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY", "COS_BUCKET"],
    ],
    ["test:scf", ["TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY", "COS_BUCKET"]],
    ["db:migrate", []],
    ["admin:make", []],
    ["ledger:verify", []],
    [
      "ledger:verify --objects",
      ["TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY", "COS_BUCKET"],
    ],
  ] as const)("%s is refused with the list of those that it needs", (command, names) => {
    expect(left(command, { production: filledOnce })).toEqual([...names]);
    expect(left(command, { local: filledOnce })).toEqual([...names]);
  });

  test("is no fault where the process was started with a value", () => {
    const started = {
      REDIS_HOST: "cache",
      JWT_SECRET: "a".repeat(40),
      TENCENTCLOUD_SECRET_ID: "id",
      TENCENTCLOUD_SECRET_KEY: "key",
      COS_BUCKET: "drape-1250000000",
    };

    expect(left("start", { production: filledOnce }, started)).toEqual([]);
  });
});

describe("the file of dev", () => {
  test("is .env.local alone, however full .env.production is", () => {
    const { file, variables } = load("dev", { production: filledOnce, local: "PORT=4000" });

    expect([file, variables]).toEqual([".env.local", { PORT: "4000" }]);
    expect(load("dev", { production: filledOnce })).toEqual({
      variables: {},
      file: null,
      note: null,
    });
  });

  test("counts placeholders as absent and is never production by its own line", () => {
    const { variables } = load("dev", { local: filledOnce });

    expect(variables["NODE_ENV"]).toBeUndefined();
    expect(variables["JWT_SECRET"]).toBeUndefined();
    expect(variables["DATABASE_URL"]).toBe("mysql://u:p@db.example.com/drape");
    expect(load("dev", { local: filledOnce }, { NODE_ENV: "test" }).variables["NODE_ENV"]).toBe(
      "test",
    );
  });
});

test.each(COMMANDS)("%s reads no file where the tests say so", (command) => {
  const started = { DRAPE_ENV_FILES: "none", PORT: "0" };

  expect(load(command, { production: filledOnce, local: "PORT=4000" }, started)).toEqual({
    variables: started,
    file: null,
    note: null,
  });
});
