import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { DrapeError } from "../../core/model/errors.ts";
import type { Actor } from "../context.ts";
import { parseJsonAs } from "../../core/resilience/parse-json.ts";

// HS256 by hand, since it runs on every request and the library costs more than the rest of the HTTP layer. One
// algorithm, one header, a strict form: nothing in a token chooses how it is checked.
const HEADER = Buffer.from(JSON.stringify({ alg: "HS256", typ: "JWT" })).toString("base64url");
const FORM = /^[\w-]+\.[\w-]+\.[\w-]{43}$/;
const TOKEN_MAX_CHARS = 2048;
const LEEWAY_S = 30;
export const TOKEN_LIFE_S = 3600;
const AUDIENCE = "drape-api";

const claimsSchema = z.object({
  iss: z.literal("drape"),
  // One name or a list (RFC 7519); a list has ours among others.
  aud: z.union([
    z.literal(AUDIENCE),
    z.array(z.string()).refine((names) => names.includes(AUDIENCE)),
  ]),
  use: z.literal("access"),
  sub: z.string().min(1).max(64),
  role: z.enum(["customer", "admin"]),
  iat: z.number().int(),
  exp: z.number().int(),
  nbf: z.number().int().optional(),
});

/** An access token for an hour. */
export function issueToken(secret: string, { userId, role }: Actor, nowMs: number): string {
  const iat = Math.floor(nowMs / 1000);
  const claims = {
    iss: "drape",
    aud: AUDIENCE,
    use: "access",
    sub: userId,
    role,
    iat,
    exp: iat + TOKEN_LIFE_S,
  };
  const signed = `${HEADER}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}`;
  return `${signed}.${sign(secret, signed).toString("base64url")}`;
}

/**
 * Who a token speaks for. Throws TOKEN_EXPIRED for one of ours whose time is over, and for all others UNAUTHENTICATED,
 * always with the same words.
 */
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
  if (claims === null || !isTimely(claims, nowMs / 1000)) throw unauthenticated();
  if (claims.exp <= nowMs / 1000) throw expired();
  return { userId: claims.sub, role: claims.role };
}

/** Not from the future, and for no longer than we issue. */
function isTimely({ iat, exp, nbf }: z.output<typeof claimsSchema>, nowS: number): boolean {
  return Math.max(iat, nbf ?? iat) <= nowS + LEEWAY_S && exp - iat <= TOKEN_LIFE_S;
}

export function unauthenticated(): DrapeError {
  return new DrapeError(
    "UNAUTHENTICATED",
    "Send a valid access token: Authorization: Bearer <token>.",
  );
}

export function accountGone(): DrapeError {
  return new DrapeError(
    "UNAUTHENTICATED",
    "The account of this access token is no more: sign in with another one.",
  );
}

function expired(): DrapeError {
  return new DrapeError(
    "TOKEN_EXPIRED",
    "The access token has expired: sign in again (POST /api/v1/auth/login) and send the new one.",
  );
}

function sign(secret: string, text: string): Buffer {
  return createHmac("sha256", secret).update(text).digest();
}
