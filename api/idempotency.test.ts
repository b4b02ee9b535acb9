import { describe, expect, test } from "bun:test";
import { hashBody, parseIdempotencyKey } from "./idempotency.ts";

describe("Idempotency-Key", () => {
  test("is taken quoted or bare", () => {
    expect(parseIdempotencyKey('"8e03978e-40d5"')).toBe("8e03978e-40d5");
    expect(parseIdempotencyKey("8e03978e-40d5")).toBe("8e03978e-40d5");
    expect(parseIdempotencyKey('"a\\"b"')).toBe('a"b');
    expect(parseIdempotencyKey(undefined)).toBeNull();
  });

  test("is refused when empty, too long or not visible ASCII", () => {
    for (const bad of ["", '""', "x".repeat(256), "a b", "键"]) {
      expect(() => parseIdempotencyKey(bad)).toThrow("Idempotency-Key");
    }
  });

  test("the hash of a body does not depend on the order of fields, but on everything else", () => {
    const one = hashBody({ a: 1, b: { c: [1, 2], d: null } });

    expect(hashBody({ b: { d: null, c: [1, 2] }, a: 1 })).toBe(one);
    expect(hashBody({ a: 1, b: { c: [2, 1], d: null } })).not.toBe(one);
    expect(hashBody({ a: "1", b: { c: [1, 2], d: null } })).not.toBe(one);
  });
});
