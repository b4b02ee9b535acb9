import { randomBytes } from "node:crypto";
import { describe, expect, test } from "bun:test";
import { parseConfig } from "./parse-config.ts";
import { weaknessOf } from "./secret-strength.ts";

const WEAK = [
  "a".repeat(32),
  "changeme".repeat(4),
  " ".repeat(32),
  "0123456789".repeat(4),
  "abcdefghijklmnopqrstuvwxyz0123456789",
  "zyxwvutsrqponmlkjihgfedcba9876543210",
  "change-me-change-me-change-me-change-me!",
  "your-jwt-secret-key-please-change-it-1234",
  "my-super-secret-jwt-key-for-production-drape",
  "ab12".repeat(12),
  "x8Kq2vTz".repeat(5),
  "passwordpasswordpasswordpassword1",
  "qwertyqwerty-admin-default-secret-token",
];

const production = {
  NODE_ENV: "production",
  DATABASE_URL: "mysql://u:p@db/drape",
  REDIS_HOST: "cache",
  TENCENTCLOUD_SECRET_ID: "id",
  TENCENTCLOUD_SECRET_KEY: "key",
  COS_BUCKET: "drape-1250000000",
};

describe("a secret that can be guessed", () => {
  for (const secret of WEAK) {
    test(`is refused in production with the command that makes a good one: ${JSON.stringify(secret)}`, () => {
      expect(() => parseConfig("start:api", { ...production, JWT_SECRET: secret })).toThrow(
        /JWT_SECRET: .*openssl rand -base64 48/,
      );
    });
  }

  test("is let be in development", () => {
    const development = { ...production, NODE_ENV: "development", JWT_SECRET: "a".repeat(32) };

    expect(() => parseConfig("start:api", development)).not.toThrow();
  });
});

describe("a secret that was drawn by chance", () => {
  test("is taken, in hexadecimal and base64, every time", () => {
    const drawn = Array.from({ length: 2_000 }, (_, nth) =>
      randomBytes(nth % 2 === 0 ? 16 : 48).toString(nth % 2 === 0 ? "hex" : "base64"),
    );

    expect(drawn.filter((secret) => weaknessOf(secret) !== null)).toEqual([]);
  });
});
