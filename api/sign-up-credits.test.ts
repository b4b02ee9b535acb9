import { afterEach, describe, expect, test } from "bun:test";
import { apiOptionsOf } from "../runtime/api-options.ts";
import { parseConfig } from "../runtime/config/parse-config.ts";
import { openTestApp, type TestApp } from "../tests/test-app.ts";

let app: TestApp;
afterEach(() => app.close());

const PASSWORD = "a long enough password";
const account = { email: "anna@example.com", password: PASSWORD };
const register = () => app.post("/api/v1/auth/register", account);
const login = () => app.post("/api/v1/auth/login", account);

async function balance(answer: Response): Promise<unknown> {
  const { token } = (await answer.json()) as { token: string }; // our own answer
  return (await app.get("/api/v1/credits", token)).json();
}

describe("a new customer", () => {
  test("is given the credits of a sign-up once, and reads where they came from", async () => {
    app = await openTestApp(() => ({ signUpCredits: { byEmail: 30, byWechat: 0 } }));

    const first = await balance(await register());
    const again = await balance(await login());

    expect([first, again]).toEqual([
      { available: 30, held: 0 },
      { available: 30, held: 0 },
    ]);
    const user = await app.deps.store.users.findByEmail(account.email);
    const ledger = await app.deps.store.credits.listTransfers({ userId: user?.id ?? "", limit: 5 });
    expect(ledger).toMatchObject([{ kind: "grant", amount: 30, reason: "sign-up" }]);
  });

  test("who was made and not given them, since a process died, has them at the next sign-in", async () => {
    let isBroken = true;
    app = await openTestApp((real) => ({
      signUpCredits: { byEmail: 30, byWechat: 0 },
      store: {
        ...real.store,
        credits: {
          ...real.store.credits,
          async grant(write) {
            if (isBroken) throw new Error("the process died");
            return real.store.credits.grant(write);
          },
        },
      },
    }));
    const failed = await register();
    isBroken = false;

    expect(failed.status).toBe(500);
    expect(await balance(await login())).toEqual({ available: 30, held: 0 });
  });

  test("has none where none are set", async () => {
    app = await openTestApp();

    expect(await balance(await register())).toEqual({ available: 0, held: 0 });
  });
});

describe("how many they are", () => {
  const secrets = { JWT_SECRET: "Xq7-mW2z_Kp9!rT4vB8nL1cD6fG3hJ5s", WECHAT_APP_ID: "wx01" };
  const production = {
    ...secrets,
    NODE_ENV: "production",
    WECHAT_APP_SECRET: "s",
    DATABASE_URL: "mysql://u:p@127.0.0.1:1/d",
    REDIS_HOST: "127.0.0.1:1",
    TENCENTCLOUD_SECRET_ID: "id",
    TENCENTCLOUD_SECRET_KEY: "key",
    COS_BUCKET: "drape-1250000000",
  };
  const credits = (environment: Record<string, string>) =>
    apiOptionsOf(parseConfig("start:api", environment)).signUpCredits;

  test.each([
    [
      { ...production, NODE_ENV: "development" },
      { byEmail: 100, byWechat: 100 },
    ],
    [
      { ...production, NODE_ENV: "development", SIGNUP_CREDITS: "5" },
      { byEmail: 5, byWechat: 5 },
    ],
    [
      { ...production, NODE_ENV: "test" },
      { byEmail: 0, byWechat: 0 },
    ],
    [production, { byEmail: 0, byWechat: 0 }],
    [
      { ...production, SIGNUP_CREDITS: "20" },
      { byEmail: 0, byWechat: 20 },
    ],
  ])("is by the environment: %#", async (environment, expected) => {
    app = await openTestApp();

    expect(credits(environment)).toEqual(expected);
  });
});
