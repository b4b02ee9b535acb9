import { expect, test } from "bun:test";
import { hashPassword, verifyPassword } from "./passwords.ts";

test("a password verifies against its hash, another does not, and no two hashes are alike", async () => {
  const [one, two] = [
    await hashPassword("correct horse 电池"),
    await hashPassword("correct horse 电池"),
  ];

  expect(await verifyPassword("correct horse 电池", one)).toBe(true);
  expect(await verifyPassword("correct horse", one)).toBe(false);
  expect(await verifyPassword("correct horse 电池", "plain")).toBe(false);
  expect(one).not.toBe(two);
});
