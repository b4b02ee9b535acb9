import { expect, test } from "bun:test";
import { CONFIG_NAMES } from "../../runtime/config/config-table.ts";
import { testEnvironment } from "./test-environment.ts";

test("the tests see no key of the product's configuration, and all else", () => {
  const hostile = Object.fromEntries(CONFIG_NAMES.map((name) => [name, "of the starter"]));

  const seen = testEnvironment({ ...hostile, PATH: "/bin", CI: "true", RUNTIME: "node" });

  expect(seen).toEqual({ PATH: "/bin", CI: "true", RUNTIME: "node" });
});
