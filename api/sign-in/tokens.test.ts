import { createHmac } from "node:crypto";
import { describe, expect, test } from "bun:test";
import { issueToken, readToken, TOKEN_LIFE_S } from "./tokens.ts";

const SECRET = "a secret of more than thirty-two characters";
const NOW_MS = 1_800_000_000_000;
const actor = { userId: "usr_a", role: "customer" } as const;
const token = issueToken(SECRET, actor, NOW_MS);

function accepted(text: string, nowMs = NOW_MS): boolean {
  try {
    readToken(SECRET, text, nowMs);
    return true;
  } catch {
    return false;
  }
}

function forge(header: object, claims: object, secret = SECRET): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

const header = { alg: "HS256", typ: "JWT" };
const claims = {
  iss: "drape",
  aud: "drape-api",
  use: "access",
  sub: "usr_a",
  role: "customer",
  iat: 1_800_000_000,
  exp: 1_800_000_100,
};

describe("access tokens", () => {
  test("a token speaks for its customer until it expires", () => {
    expect(readToken(SECRET, token, NOW_MS)).toEqual(actor);
    expect(accepted(token, NOW_MS + (TOKEN_LIFE_S - 1) * 1000)).toBe(true);
    expect(accepted(token, NOW_MS + TOKEN_LIFE_S * 1000)).toBe(false);
  });

  test("a flipped bit anywhere makes a token worthless", () => {
    for (let index = 0; index < token.length; index += 1) {
      const changed = token.charAt(index) === "A" ? "B" : "A";
      expect(accepted(token.slice(0, index) + changed + token.slice(index + 1))).toBe(false);
    }
  });

  test("forged headers and claims are refused", () => {
    expect(accepted(forge(header, claims))).toBe(true);
    for (const bad of [
      forge({ alg: "none", typ: "JWT" }, claims),
      forge({ alg: "HS512", typ: "JWT" }, claims),
      forge({ ...header, kid: "../../secret" }, claims),
      forge(header, { ...claims, iss: "other" }),
      forge(header, { ...claims, aud: "other" }),
      forge(header, { ...claims, aud: ["other"] }),
      forge(header, { ...claims, aud: [] }),
      forge(header, { ...claims, aud: { "drape-api": true } }),
      forge(header, { ...claims, nbf: 1_800_000_060 }),
      forge(header, { ...claims, nbf: "now" }),
      forge(header, { ...claims, exp: claims.iat + TOKEN_LIFE_S + 1 }),
      forge(header, { ...claims, use: "refresh" }),
      forge(header, { ...claims, exp: "never" }),
      forge(header, { ...claims, exp: undefined }),
      forge(header, { ...claims, iat: 1_900_000_000 }),
      forge(header, { ...claims, role: "root" }),
      forge(header, claims, ""),
      forge(header, claims, "another secret of more than thirty-two"),
    ]) {
      expect(accepted(bad)).toBe(false);
    }
  });

  test("what has not the form of a token is refused", () => {
    const [head = "", body = "", signature = ""] = token.split(".");
    for (const bad of [
      "",
      "..",
      `${head}.${body}`,
      `${head}.${body}.`,
      `${token}.x`,
      `${token}=`,
      ` ${token}`,
      `${token}\n`,
      `${head}.${body}.${signature}${"A".repeat(3000)}`,
    ]) {
      expect(accepted(bad)).toBe(false);
    }
  });
});
