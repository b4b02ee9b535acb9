import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { openTestApp, problemOf, type TestApp } from "../../tests/test-app.ts";

const LOGIN = "/api/v1/auth/login";
const RIGHT = "long enough 密码";

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp(({ clock: real }) => {
    const startMs = real.nowMs();
    return { clock: { ...real, nowMs: () => startMs }, trustedProxies: { hops: 1 } };
  });
});
afterAll(() => app.close());

/** Every request comes by one proxy. */
function post(path: string, body: unknown, forwardedFor: string): Promise<Response> {
  const headers = { "content-type": "application/json", "x-forwarded-for": forwardedFor };
  const init = { method: "POST", headers, body: JSON.stringify(body) };
  return Promise.resolve(app.app.request(path, init, { clientIp: "10.0.0.1" }));
}

/** The answers to so many sign-ins that are not even complete: they are counted, and cost nothing. */
async function statusesFrom(count: number, forwardedFor: (nth: number) => string) {
  const statuses: number[] = [];
  for (let nth = 0; nth < count; nth += 1) {
    statuses.push((await post(LOGIN, {}, forwardedFor(nth))).status);
  }
  return statuses;
}

describe("sign-ins by address", () => {
  test("customers behind one proxy have a limit each", async () => {
    const statuses = await statusesFrom(60, (nth) => `198.51.100.${nth}`);

    expect(statuses.filter((status) => status !== 422)).toEqual([]);
  });

  test("one address has 20 a minute, whatever it writes into the header", async () => {
    const statuses = await statusesFrom(21, (nth) => `192.0.2.${nth}, 203.0.113.9`);

    expect(statuses.slice(0, 20).filter((status) => status !== 422)).toEqual([]);
    expect(statuses[20]).toBe(429);
  });

  test("a /64 of IPv6 has one limit", async () => {
    const statuses = await statusesFrom(21, (nth) => `2001:db8:1:2::${nth}`);

    expect(statuses[20]).toBe(429);
  });
});

describe("sign-ins by account", () => {
  test("after ten wrong passwords from all over, the eleventh is 429 with the time to wait; home passes", async () => {
    const home = "203.0.113.1";
    const wrong = { email: "anna@example.com", password: "a wrong password" };
    await post("/api/v1/auth/register", { ...wrong, password: RIGHT }, home);
    const first = await Promise.all(
      Array.from({ length: 10 }, (_, nth) => post(LOGIN, wrong, `198.51.100.${100 + nth}`)),
    );

    const eleventh = await post(LOGIN, wrong, "198.51.100.200");
    const fromHome = await post(LOGIN, { ...wrong, password: RIGHT }, home);

    expect(first.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 401));
    expect([eleventh.status, eleventh.headers.get("retry-after")]).toEqual([429, "1"]);
    expect((await problemOf(eleventh)).detail).toContain("wrong passwords");
    expect(fromHome.status).toBe(200);
  });
});
