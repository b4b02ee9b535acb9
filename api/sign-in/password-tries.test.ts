import { beforeEach, describe, expect, test } from "bun:test";
import { asDrapeError } from "../../core/model/errors.ts";
import { EmbeddedCache } from "../../redis/embedded-cache.ts";
import { EmbeddedRateLimiter } from "../../redis/embedded-rate-limiter.ts";
import { system } from "../../runtime/system.ts";
import { noteAddress, takePasswordTry } from "./password-tries.ts";

const EMAIL = "anna@example.com";
const HOME = "203.0.113.1";

let nowMs = 0;
const clock = { ...system.clock, nowMs: () => nowMs };
const open = () => ({
  clock,
  cache: new EmbeddedCache(clock),
  rateLimiter: new EmbeddedRateLimiter(clock),
});
let deps = open();
beforeEach(() => {
  nowMs = 1_800_000_000_000;
  deps = open();
});

const address = (nth: number) => `198.51.100.${nth}`;

/** "tried", or how long one has to wait first. */
async function send(isRight: boolean, from: string, email = EMAIL): Promise<"tried" | number> {
  try {
    const attempt = await takePasswordTry(deps, { email, address: from });
    await (isRight ? attempt.passed() : attempt.failed());
    return "tried";
  } catch (error) {
    const { code, retryAfterMs } = asDrapeError(error);
    expect(code).toBe("RATE_LIMITED");
    return retryAfterMs ?? 0;
  }
}
const wrong = (from: string, email?: string) => send(false, from, email);
const right = (from: string) => send(true, from);

/** Ten wrong passwords, each from an address of its own. */
async function spendFreeTries(email = EMAIL): Promise<void> {
  for (let nth = 1; nth <= 10; nth += 1) expect(await wrong(address(nth), email)).toBe("tried");
}

describe("wrong passwords of one account", () => {
  test("ten are tried at once, of the next 110 from ten addresses none", async () => {
    const outcomes: (number | "tried")[] = [];
    for (let nth = 0; nth < 120; nth += 1) outcomes.push(await wrong(address(1 + (nth % 10))));

    expect(outcomes.slice(0, 10).every((one) => one === "tried")).toBe(true);
    expect(outcomes.slice(10).every((one) => one !== "tried" && one <= 60_000)).toBe(true);
  });

  test("that come all at once are counted too", async () => {
    const outcomes = await Promise.all(Array.from({ length: 50 }, (_, nth) => wrong(address(nth))));

    expect(outcomes.filter((one) => one === "tried")).toHaveLength(10);
  });

  test("make each wait longer than the one before, up to a minute", async () => {
    await spendFreeTries();

    const waits: number[] = [];
    for (let nth = 0; nth < 8; nth += 1) {
      const wait = Number(await wrong(address(50)));
      waits.push(wait);
      nowMs += wait;
      expect(await wrong(address(50))).toBe("tried");
    }

    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  test("from one address make another one's first wait longer, and never a wait that has begun", async () => {
    await spendFreeTries();
    const begun = Number(await wrong(address(60)));
    for (let nth = 0; nth < 8; nth += 1) {
      nowMs += Number(await wrong(address(61)));
      await wrong(address(61));
    }

    const later = await right(address(62));
    const passed = await right(address(60));

    expect([begun, later, passed]).toEqual([1_000, 60_000, "tried"]);
  });

  test("keep out nobody who waits: a right one passes then, and its address never waits again", async () => {
    await spendFreeTries();
    const wait = Number(await right(address(70)));
    for (let nth = 71; nth < 250; nth += 1) await wrong(address(nth));
    nowMs += wait;

    expect(await right(address(70))).toBe("tried");
    for (let nth = 0; nth < 30; nth += 1) expect(await wrong(address(70))).toBe("tried");
  });

  test("keep no address waiting that signed in before", async () => {
    await noteAddress(deps, { email: EMAIL, address: HOME });
    await spendFreeTries();

    for (let nth = 0; nth < 30; nth += 1) expect(await wrong(HOME)).toBe("tried");
    expect(await right(HOME)).toBe("tried");
  });

  test("are those of one account alone, whether it exists or not", async () => {
    await spendFreeTries("nobody@example.com");

    expect(await wrong(address(80), "nobody@example.com")).toBe(1_000);
    expect(await wrong(address(80))).toBe("tried");
  });

  test("of many that come at the end of one wait one is tried", async () => {
    await spendFreeTries();
    nowMs += Number(await wrong(address(90)));

    const outcomes = await Promise.all(Array.from({ length: 8 }, () => wrong(address(90))));

    expect(outcomes.filter((one) => one === "tried")).toHaveLength(1);
  });

  test("a wait is forgotten in a quarter of an hour", async () => {
    await spendFreeTries();
    for (let nth = 0; nth < 8; nth += 1) {
      nowMs += Number(await wrong(address(95)));
      await wrong(address(95));
    }

    nowMs += 15 * 60_000 + 1;

    expect(await wrong(address(95))).toBe(1_000);
  });
});

describe("right passwords", () => {
  test("from ever new addresses use up no tries", async () => {
    for (let nth = 0; nth < 100; nth += 1) expect(await right(address(nth))).toBe("tried");

    await spendFreeTries("anna@example.com".replace("anna", "bert"));
    expect(await wrong(address(200))).toBe("tried");
  });
});

describe("while nothing can be kept", () => {
  test("each address has one try a minute", async () => {
    const nothing = async () => {};
    const forgetful = { get: async () => null, set: nothing, delete: nothing, close: nothing };
    deps = { ...deps, cache: Object.assign(new EmbeddedCache(clock), forgetful) };
    await spendFreeTries();

    const outcomes = [await right(address(90)), await wrong(address(90))];
    nowMs += 60_000;

    expect(outcomes).toEqual(["tried", 60_000]);
    expect(await wrong(address(90))).toBe("tried");
  });
});
