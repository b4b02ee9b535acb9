import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "bun:test";
import { failuresPage } from "./failures-page.ts";

test("the page of failures says what the rows say", () => {
  const page = readFileSync(
    fileURLToPath(new URL("../../docs/failures.md", import.meta.url)),
    "utf8",
  );

  expect(page).toBe(failuresPage());
});
