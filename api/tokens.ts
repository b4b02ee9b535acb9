import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { DrapeError } from "../core/model/errors.ts";
import type { Actor } from "./context.ts";
import { parseJsonAs } from "../core/resilience/parse-json.ts";

// HS256 by hand, since it runs on every request and the library costs more than the rest of the HTTP layer. One
// algorithm, one header, a strict form: nothing in a token chooses how it is checked.
const HEADER = Buffer.from(JSON.stringify({ alg: "HS256", typ: "JWT" })).toString("base64url");
const FORM = /^[\w-]+\.[\w-]+\.[\w-]{43}$/;
const TOKEN_MAX_CHARS = 2048;
const LEEWAY_S = 30;
export const TOKEN_LIFE_S = 3600;

const claimsSchema = z.object({
  iss: z.literal("drape"),
  aud: z.literal("drape-api"),
  use: z.literal("access"),
  sub: z.string().min(1).max(64),
  role: z.enum(["customer", "admin"]),
  iat: z.number().int(),
  exp: z.number().int(),
});

/** An access token for an hour. */
export function issueToken(secret: string, { userId, role }: Actor, nowMs: number): string {
  const iat = Math.floor(nowMs / 1000);
  const claims = {
    iss: "drape",
    aud: "drape-api",
    use: "access",
    sub: userId,
    role,
    iat,
    exp: iat + TOKEN_LIFE_S,
  };
  const signed = `${HEADER}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}`;
  return `${signed}.${sign(secret, signed).toString("base64url")}`;
}

/** Who a token speaks for. Throws UNAUTHENTICATED, always with the same words. */
export function readToken(secret: string, token: string, nowMs: number): Actor {
  if (token.length > TOKEN_MAX_CHARS || !FORM.test(token)) throw unauthenticated();
  const [header = "", payload = "", signature = ""] = token.split(".");
  const expected = sign(secret, `${header}.${payload}`);
  const given = Buffer.from(signature, "base64url");
  // The last character of base64url has spare bits: only the canonical spelling counts.
  const canonical = given.toString("base64url") === signature;
  if (header !== HEADER || !canonical || given.length !== expected.length) throw unauthenticated();
  if (!timingSafeEqual(given, expected)) throw unauthenticated();
  const claims = parseJsonAs(claimsSchema, Buffer.from(payload, "base64url").toString("utf8"));
  const nowS = nowMs / 1000;
  if (claims === null || claims.exp <= nowS || claims.iat > nowS + LEEWAY_S) {
    throw unauthenticated();
  }
  return { userId: claims.sub, role: claims.role };
}

export function unauthenticated(): DrapeError {
  return new DrapeError(
    "UNAUTHENTICATED",
    "Send a valid access token: Authorization: Bearer <token>.",
  );
}

function sign(secret: string, text: string): Buffer {
  return createHmac("sha256", secret).update(text).digest();
}
