import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { z } from "zod";
import { setRole } from "../db/users/set-role.ts";
import { openTestApp, problemOf, type TestApp } from "../tests/test-app.ts";

const GRANT = "/api/v1/admin/credits/grant";
const grantedSchema = z.strictObject({
  grant: z.strictObject({
    id: z.string().startsWith("trf_"),
    userId: z.string(),
    amount: z.number(),
    reason: z.string(),
  }),
  balance: z.strictObject({ available: z.number(), held: z.number() }),
});
const auditSchema = z.object({
  data: z.array(
    z.strictObject({
      id: z.string().startsWith("aud_"),
      actor: z.string(),
      action: z.string(),
      subject: z.string(),
      detail: z.record(z.string(), z.unknown()),
      createdAt: z.iso.datetime(),
    }),
  ),
});

let app: TestApp;
let chief = "";
let anna = "";
beforeAll(async () => {
  app = await openTestApp();
  chief = await app.signUpAdmin("chief@example.com");
  anna = await app.signUp("anna@example.com");
});
afterAll(() => app.close());

/** A new customer to grant to. */
let count = 0;
async function newcomer() {
  count += 1;
  const email = `new${count}@example.com`;
  const id = `usr_new${count}`;
  const role = "customer" as const;
  await app.deps.store.users.create({
    id,
    email,
    passwordHash: "x",
    role,
    createdAtMs: Date.now(),
  });
  return { id, email };
}

async function idOf(email: string): Promise<string> {
  return (await app.deps.store.users.findByEmail(email))?.id ?? "";
}

const grant = (body: unknown, key?: string, token = chief) =>
  app.post(GRANT, body, { token, headers: key === undefined ? {} : { "idempotency-key": key } });

const granted = async (answer: Response) => grantedSchema.parse(await answer.json());
const available = async (id: string) => (await app.deps.store.credits.balance(id))?.available;

async function auditOf(subject: string) {
  const answer = await app.get("/api/v1/admin/audit?limit=100", chief);
  const { data } = auditSchema.parse(await answer.json());
  return data.filter((entry) => entry.subject === subject);
}

describe("an administrator grants credits", () => {
  test("by id or by e-mail address, and is told the new balance", async () => {
    const { id, email } = await newcomer();

    const first = await granted(await grant({ userId: id, amount: 100, reason: "welcome" }));
    const second = await granted(
      await grant({ email: email.toUpperCase(), amount: 1, reason: " 开业 " }),
    );

    expect(first.balance).toEqual({ available: 100, held: 0 });
    expect(second.balance).toEqual({ available: 101, held: 0 });
    expect(second.grant).toMatchObject({ userId: id, amount: 1, reason: "开业" });
    expect(await available(id)).toBe(101);
  });

  test("each grant leaves its audit row: who, what, to whom, how much and why", async () => {
    const { id } = await newcomer();

    const done = await granted(await grant({ userId: id, amount: 40, reason: "a lost parcel" }));

    const entries = await auditOf(id);
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({
      actor: await idOf("chief@example.com"),
      action: "credits.grant",
      subject: id,
      detail: { transferId: done.grant.id, amount: 40, reason: "a lost parcel" },
    });
  });

  test("the same key grants once, one after the other and all at once", async () => {
    const { id } = await newcomer();
    const body = { userId: id, amount: 30, reason: "once" };

    const answers = [await grant(body, "k1"), await grant(body, '"k1"')];
    answers.push(...(await Promise.all(Array.from({ length: 5 }, () => grant(body, "k2")))));

    const replays = answers.map(({ headers }) => headers.get("idempotent-replayed"));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 7 }, () => 200));
    expect(replays.filter((replayed) => replayed === null)).toHaveLength(2);
    const [first, second] = await Promise.all(answers.slice(0, 2).map(granted));
    expect(second?.grant).toEqual(first?.grant);
    expect(await available(id)).toBe(60);
    expect(await auditOf(id)).toHaveLength(2);
  });

  test("a key with another body is refused, and another administrator's key is their own", async () => {
    const { id } = await newcomer();
    const other = await app.signUpAdmin("deputy@example.com");
    await grant({ userId: id, amount: 5, reason: "first" }, "shared");

    const reused = await problemOf(
      await grant({ userId: id, amount: 6, reason: "first" }, "shared"),
    );
    const own = await grant({ userId: id, amount: 6, reason: "first" }, "shared", other);

    expect([reused.status, reused.code]).toEqual([422, "IDEMPOTENCY_KEY_REUSED"]);
    expect(own.status).toBe(200);
    expect(await available(id)).toBe(11);
  });

  test("nobody is granted by mistake: every fault names its field", async () => {
    const { id, email } = await newcomer();
    const good = { userId: id, amount: 5, reason: "x" };
    for (const [body, pointer] of [
      [{ ...good, amount: 0 }, "/amount"],
      [{ ...good, amount: -5 }, "/amount"],
      [{ ...good, amount: 1.5 }, "/amount"],
      [{ ...good, amount: "5" }, "/amount"],
      [{ ...good, amount: 1_000_001 }, "/amount"],
      [{ ...good, reason: "   " }, "/reason"],
      [{ ...good, reason: "x".repeat(201) }, "/reason"],
      [{ amount: 5, reason: "x" }, "/userId"],
      [{ ...good, email }, "/userId"],
      [{ ...good, balance: 9 }, "/balance"],
    ] as const) {
      const { status, errors = [] } = await problemOf(await grant(body));
      expect([status, errors.map((fault) => fault.pointer)]).toEqual([422, [pointer]]);
    }
    const nobody = await problemOf(await grant({ ...good, userId: "usr_none" }));
    const noone = await problemOf(await grant({ email: "no@one.com", amount: 5, reason: "x" }));

    expect([nobody.status, noone.status]).toEqual([404, 404]);
    expect(await available(id)).toBe(0);
  });
});

describe("who is no administrator", () => {
  test("is refused on every route of administrators, before the body is read", async () => {
    const paths = app.app.routes.filter(
      ({ path, method }) => path.startsWith("/api/v1/admin") && method !== "ALL",
    );
    expect(paths.length).toBeGreaterThan(0);

    for (const { method, path } of paths) {
      const answer = await app.app.request(path, {
        method,
        headers: { authorization: `Bearer ${anna}`, "content-type": "application/json" },
        ...(method === "GET" ? {} : { body: "{ no" }),
      });
      expect([path, answer.status]).toEqual([path, 403]);
      expect((await problemOf(answer)).code).toBe("FORBIDDEN");
    }
  });

  test("a role that was taken away does not live on in its token, and both changes are audited", async () => {
    const { id } = await newcomer();
    const token = await app.signUpAdmin("former@example.com");
    const before = await grant({ userId: id, amount: 1, reason: "x" }, undefined, token);

    await setRole(app.db, { email: "former@example.com", role: "customer", actor: "system" });
    const after = await grant({ userId: id, amount: 1, reason: "x" }, undefined, token);

    expect([before.status, after.status]).toEqual([200, 403]);
    const changes = await auditOf(await idOf("former@example.com"));
    expect(changes.map(({ actor, action, detail }) => [actor, action, detail["to"]])).toEqual([
      ["system", "user.role", "customer"],
      ["system", "user.role", "admin"],
    ]);
  });

  test("an administrator's own lists show their own tasks and credits alone", async () => {
    const { id } = await newcomer();
    await grant({ userId: id, amount: 5, reason: "another's" });

    const ledger = await app.get("/api/v1/credits/ledger", chief);

    expect(await ledger.json()).toEqual({ data: [], nextCursor: null, hasMore: false });
  });
});
