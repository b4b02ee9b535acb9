import { Hono } from "hono";
import { z } from "zod";
import { DrapeError } from "../../core/model/errors.ts";
import { newId } from "../../core/model/ids.ts";
import type { User } from "../../core/ports/user-store.ts";
import { signInWithWechat } from "../../core/users/sign-in-with-wechat.ts";
import { giveSignUpCredits } from "../../core/users/give-sign-up-credits.ts";
import type { UserState } from "../../core/caches/user-cache.ts";
import type { ApiDeps, ApiEnv } from "../context.ts";
import { smallBody } from "../body/body-middleware.ts";
import { rateLimit, SIGN_IN } from "../middleware.ts";
import { hashPassword, verifyPassword } from "../sign-in/passwords.ts";
import { noteAddress, takePasswordTry } from "../sign-in/password-tries.ts";
import { accountGone, issueToken, TOKEN_LIFE_S } from "../sign-in/tokens.ts";
import { closedObject, requireJson, validJson } from "../body/validate.ts";

export const emailSchema = z
  .email()
  .max(190)
  .transform((email) => email.toLowerCase());

const credentialsSchema = z.strictObject({
  email: emailSchema,
  password: z.string().min(10, "at least 10 characters").max(200),
});

/** What `wx.login` gives a mini-program. */
const wechatSchema = closedObject({
  code: z
    .string()
    .min(1)
    .max(256)
    .regex(/^[\x21-\x7e]+$/, "give the code of wx.login as it is"),
});

type Passwords = { readonly hash: typeof hashPassword; readonly verify: typeof verifyPassword };
const SCRYPT: Passwords = { hash: hashPassword, verify: verifyPassword };

/** Sign-up and sign-in, without a token and limited by address. */
export function createSignInRoutes(deps: ApiDeps, passwords = SCRYPT) {
  // Verified against when there is no such user, so that the answer takes as long.
  let nobody: Promise<string> | null = null;
  const session = (user: Pick<User, "id" | "role">) => ({
    token: issueToken(deps.jwtSecret, { userId: user.id, role: user.role }, deps.clock.nowMs()),
    tokenType: "Bearer",
    expiresInSeconds: TOKEN_LIFE_S,
  });
  return new Hono<ApiEnv>()
    .use(rateLimit(deps, "sign-in", SIGN_IN), requireJson, smallBody(deps))
    .post("/register", validJson(credentialsSchema), async (c) => {
      const { email, password } = c.req.valid("json");
      const createdAtMs = deps.clock.nowMs();
      const user: User = {
        id: newId("usr", createdAtMs, deps.random),
        email,
        passwordHash: await passwords.hash(password),
        role: "customer",
        createdAtMs,
      };
      const outcome = await deps.store.users.create(user);
      if (outcome === "email-taken") {
        throw new DrapeError("CONFLICT", "This e-mail address has an account: sign in instead.");
      }
      await noteAddress(deps, { email, address: c.get("address") });
      await giveSignUpCredits(deps, user, deps.signUpCredits.byEmail);
      return c.json({ user: presentUser(user), ...session(user) }, 201);
    })
    .post("/login", validJson(credentialsSchema), async (c) => {
      const { email, password } = c.req.valid("json");
      const attempt = await takePasswordTry(deps, { email, address: c.get("address") });
      const user = await deps.store.users.findByEmail(email);
      nobody ??= passwords.hash("nobody has this password");
      const hash = user?.passwordHash ?? null;
      const matches = await passwords.verify(password, hash ?? (await nobody));
      // Without a password there is nothing that matches: nobody's is not a secret.
      if (user === null || hash === null || !matches) {
        await attempt.failed();
        throw new DrapeError("UNAUTHENTICATED", "E-mail address or password is wrong.");
      }
      await attempt.passed();
      await giveSignUpCredits(deps, user, deps.signUpCredits.byEmail);
      return c.json({ user: presentUser(user), ...session(user) });
    })
    .post("/wechat", validJson(wechatSchema), async (c) => {
      const { user, created } = await signInWithWechat(deps, c.req.valid("json").code);
      await giveSignUpCredits(deps, user, deps.signUpCredits.byWechat);
      return c.json({ user: presentUser(user), ...session(user) }, created ? 201 : 200);
    });
}

export function createAccountRoutes(deps: ApiDeps) {
  return new Hono<ApiEnv>()
    .get("/me", async (c) => {
      const user = await deps.users.find(c.get("actor").userId);
      if (user === null) throw accountGone();
      return c.json(presentUser(user));
    })
    .get("/credits", async (c) => {
      const balance = await deps.store.credits.balance(c.get("actor").userId);
      if (balance === null) throw accountGone();
      return c.json({ available: balance.available, held: balance.held });
    });
}

function presentUser({ id, email, role, createdAtMs }: UserState) {
  return { id, email, role, createdAt: new Date(createdAtMs).toISOString() };
}
