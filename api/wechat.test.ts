import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { sql } from "kysely";
import { z } from "zod";
import { createWechatLogin } from "../cloud/wechat-login.ts";
import { createLog } from "../core/resilience/log.ts";
import { systemClock } from "../runtime/system-clock.ts";
import { serveWechat, type ServedWechat } from "../tests/serve-wechat.ts";
import { openTestApp, problemOf, fullBody, type TestApp } from "../tests/test-app.ts";

const ROUTE = "/api/v1/auth/wechat";
const APPS = [
  { appId: "wxfirst", appSecret: "canary-first" },
  { appId: "wxsecond", appSecret: "canary-second" },
] as const;
const sessionSchema = z.strictObject({
  user: z.strictObject({
    id: z.string().startsWith("usr_"),
    email: z.string().nullable(),
    role: z.literal("customer"),
    createdAt: z.iso.datetime(),
  }),
  token: z.string(),
  tokenType: z.literal("Bearer"),
  expiresInSeconds: z.number(),
});

let nowMs = Date.now();
let wechat: ServedWechat;
const lines: string[] = [];
const write = (line: string) => void lines.push(line);
const log = createLog({ format: "json", level: "all", write, nowMs: Date.now });
let product: TestApp;
/** Which mini-program the app is that of. */
let app: (typeof APPS)[number] = APPS[0];
beforeAll(async () => {
  wechat = serveWechat(APPS, () => nowMs);
  product = await openTestApp(() => ({
    log,
    wechat: {
      identify: (code) =>
        createWechatLogin({ ...app, baseUrl: wechat.url, clock: systemClock, log }).identify(code),
    },
    // Each test may sign in as often as it likes.
    rateLimiter: {
      take: async () => ({ allowed: true, remaining: 1, retryAfterMs: 0, resetMs: 0 }),
      close: async () => undefined,
    },
  }));
});
beforeEach(() => {
  app = APPS[0];
});
afterAll(async () => {
  await wechat.stop();
  await product.close();
});

const signIn = async (code: string) => {
  const answer = await product.post(ROUTE, { code });
  return { status: answer.status, ...sessionSchema.parse(await answer.json()) };
};
const refused = async (code: unknown) => problemOf(await product.post(ROUTE, { code }));

describe("a person signs in by WeChat", () => {
  test("and is a new customer with an account of 0 credits, the same one when they come again", async () => {
    const person = { openid: "oAnna" };

    const first = await signIn(wechat.issueCode(person));
    const second = await signIn(wechat.issueCode(person));

    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.user).toEqual(first.user);
    const credits = await product.get("/api/v1/credits", second.token);
    expect(await credits.json()).toEqual({ available: 0, held: 0 });
  });

  test("and is shown without an e-mail address, from the database and from the cache", async () => {
    const { token, user } = await signIn(wechat.issueCode({ openid: "oBert" }));

    const shown = [];
    for (const _ of [1, 2]) shown.push(await (await product.get("/api/v1/me", token)).json());

    expect(shown).toEqual([user, user]);
    expect(user.email).toBeNull();
  });

  test("and creates a task as any customer does, and is granted credits by id", async () => {
    const { token, user } = await signIn(wechat.issueCode({ openid: "oCleo" }));
    const chief = await product.signUpAdmin("chief@example.com");
    const grant = { userId: user.id, amount: 100, reason: "welcome" };

    const granted = await product.post("/api/v1/admin/credits/grant", grant, { token: chief });
    const created = await product.post("/api/ai-image/generate", fullBody, { token });

    expect([granted.status, created.status]).toEqual([200, 202]);
  });

  test("many times at once, and is one user", async () => {
    const codes = Array.from({ length: 8 }, () => wechat.issueCode({ openid: "oDana" }));

    const sessions = await Promise.all(codes.map(signIn));

    expect(new Set(sessions.map(({ user }) => user.id)).size).toBe(1);
    expect(sessions.filter(({ status }) => status === 201)).toHaveLength(1);
  });

  test("by another mini-program of the same account, and is the same user", async () => {
    const first = await signIn(wechat.issueCode({ openid: "oEmil", unionid: "uEmil" }));
    app = APPS[1];
    const second = await signIn(wechat.issueCode({ openid: "oOther", unionid: "uEmil" }));
    const later = await signIn(wechat.issueCode({ openid: "oOther" }));

    expect([second.user.id, later.user.id]).toEqual([first.user.id, first.user.id]);
  });

  test("with an openid that is somebody else's in another mini-program, and is not them", async () => {
    const first = await signIn(wechat.issueCode({ openid: "oSame" }));
    app = APPS[1];
    const second = await signIn(wechat.issueCode({ openid: "oSame" }));

    expect(second.user.id).not.toBe(first.user.id);
  });

  test("by dev-<name> of the emulator, every time", async () => {
    const [first, second, other] = [
      await signIn("dev-anna"),
      await signIn("dev-anna"),
      await signIn("dev-bert"),
    ];

    expect(second.user.id).toBe(first.user.id);
    expect(other.user.id).not.toBe(first.user.id);
  });
});

describe("who is not let in is told why", () => {
  test("a code that was used, is too old or is none: 401", async () => {
    const [used, old] = [wechat.issueCode({ openid: "oFred" }), wechat.issueCode({ openid: "oF" })];
    await signIn(used);
    const first = await refused(used);
    nowMs += 5 * 60_000;

    const problems = [first, await refused(old), await refused("none")];

    for (const { status, code, detail } of problems) {
      expect([status, code]).toEqual([401, "UNAUTHENTICATED"]);
      expect(detail).toContain("wx.login");
    }
  });

  test("each fault of WeChat has its status, and what may pass says when to come again", async () => {
    const statuses = [];
    for (const errcode of [45011, 40226, 40125, -1]) {
      const answer = await product.post(ROUTE, { code: `error-${errcode}` });
      const { retryable } = await problemOf(answer);
      statuses.push([answer.status, retryable, answer.headers.has("retry-after")]);
    }

    expect(statuses).toEqual([
      [429, true, true],
      [403, false, false],
      [503, true, true],
      [503, true, true],
    ]);
  });

  test("a wrong body is 422 with its pointer", async () => {
    for (const code of [undefined, "", 7, "two words", "x".repeat(257)]) {
      const { status, errors = [] } = await refused(code);
      expect([status, errors[0]?.pointer]).toEqual([422, "/code"]);
    }
  });

  test("where no mini-program is set up: 404 in words", async () => {
    const without = await openTestApp();

    const { status, detail } = await problemOf(await without.post(ROUTE, { code: "dev-anna" }));

    expect([status, detail]).toEqual([404, "WeChat sign-in is not set up on this server."]);
    await without.close();
  });

  test("the address is limited as for sign-in by password", async () => {
    const limited = await openTestApp();

    const answers = await Promise.all(
      Array.from({ length: 30 }, () => limited.post(ROUTE, { code: "dev-anna" })),
    );

    expect(answers.filter(({ status }) => status === 429)).toHaveLength(10);
    await limited.close();
  });

  test("a user without a password is not let in by one, not even by nobody's", async () => {
    const { user } = await signIn(wechat.issueCode({ openid: "oGina" }));
    await sql`update users set email = 'gina@example.com' where id = ${user.id}`.execute(
      product.db.kysely,
    );

    const answer = await product.post("/api/v1/auth/login", {
      email: "gina@example.com",
      password: "nobody has this password",
    });

    expect((await problemOf(answer)).status).toBe(401);
  });
});

test("no secret, code or session key is in the log or the database", async () => {
  const code = wechat.issueCode({ openid: "oHugo" });
  await signIn(code);
  await refused(code);

  const { rows } = await sql<{ name: string }>`
    select name from sqlite_master where type = 'table'`.execute(product.db.kysely);
  const tables = [];
  for (const { name } of rows) {
    const content = await sql`select * from ${sql.table(name)}`.execute(product.db.kysely);
    tables.push(JSON.stringify(content.rows));
  }

  const all = `${tables.join("\n")}\n${lines.join("\n")}`;
  expect(all).toContain("oHugo");
  expect(wechat.sessionKeys.length).toBeGreaterThan(0);
  for (const secret of ["canary-first", code, ...wechat.sessionKeys]) {
    expect(all).not.toContain(secret);
  }
});
