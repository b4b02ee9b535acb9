import { afterEach, describe, expect, test } from "bun:test";
import { z } from "zod";
import { changeSettings, type SettingsChange } from "../core/model/task-settings.ts";
import { newCustomer } from "../core/ports/contracts/store.fixture.ts";
import { EmbeddedRateLimiter } from "../redis/embedded-rate-limiter.ts";
import { openTestApp, problemOf, type TestApp } from "../tests/test-app.ts";
import { until } from "../tests/until.ts";
import { RIGHT_BODIES } from "./task-bodies.fixture.ts";
import { issueToken } from "./sign-in/tokens.ts";

const UPLOADS = "/api/v1/uploads";
const GENERATE = "/api/ai-image/generate";

let app: TestApp;
let token = "";
let offsetMs = 0;
const put: string[] = [];
afterEach(() => app.close());

async function open(limits: SettingsChange["limits"] = {}): Promise<void> {
  offsetMs = 0;
  app = await openTestApp((real) => {
    const startMs = real.clock.nowMs();
    const clock = { ...real.clock, nowMs: () => startMs + offsetMs };
    return {
      rateLimiter: new EmbeddedRateLimiter(clock),
      objects: { ...real.objects, put: async (key) => void put.push(key) },
      settings: changeSettings(real.settings, { limits: { requestsPerMinute: 10_000, ...limits } }),
    };
  });
  token = await tokenOf(await newCustomer(app.deps.store, 10_000));
}

async function tokenOf(userId: string): Promise<string> {
  return issueToken(app.deps.jwtSecret, { userId, role: "customer" }, app.deps.clock.nowMs());
}

const openForm = (bytes?: number, as = token) =>
  app.post(
    UPLOADS,
    { contentType: "image/jpeg", ...(bytes === undefined ? {} : { bytes }) },
    { token: as },
  );

async function statuses(count: number, bytes?: number): Promise<number[]> {
  const answers = await Promise.all(Array.from({ length: count }, () => openForm(bytes)));
  return answers.map(({ status }) => status);
}

describe("upload forms", () => {
  test("that nobody uses are 500 for a customer when nothing is said; the next is 429 with figure and cure", async () => {
    await open();

    const all = await statuses(1_000, 1_000);
    const refused = await openForm(1_000);
    const other = await openForm(1_000, await tokenOf(await newCustomer(app.deps.store, 0)));

    expect(all.filter((status) => status === 201)).toHaveLength(500);
    const problem = await problemOf(refused);
    expect([problem.status, problem.code, other.status]).toEqual([429, "TOO_MANY_UPLOADS", 201]);
    expect(problem.detail).toMatch(/have 500 open upload forms: name the photos/);
    expect(refused.headers.get("retry-after")).not.toBeNull();
  });

  test("expire, and then there may be as many again", async () => {
    await open({ openUploads: 3 });
    await statuses(4);

    offsetMs += 600_000;

    expect((await statuses(4)).filter((status) => status === 201)).toHaveLength(3);
  });

  test("whose photo a task names are open no more, once for each photo", async () => {
    await open({ openUploads: 2 });
    const form = z.object({ objectUrl: z.string() }).parse(await (await openForm()).json());
    await openForm();
    const body = { ...RIGHT_BODIES.FULL_GENERATION, clothingImages: [form.objectUrl] };
    expect((await openForm()).status).toBe(429);

    for (let nth = 0; nth < 3; nth += 1) await app.post(GENERATE, body, { token });

    await until(async () => (await openForm()).status === 201);
    expect(await statuses(3)).toEqual([429, 429, 429]);
  });
});

describe("the bytes of a day", () => {
  test("are spent by forms, each by its own limit, and by data: URIs", async () => {
    await open({ dailyUploadMegabytes: 10 });
    const picture = `data:image/png;base64,${"A".repeat(2_000_000)}`;
    const body = { ...RIGHT_BODIES.FULL_GENERATION, clothingImages: [picture] };

    const forms = await statuses(3, 3_000_000);
    const stored = put.length;
    const pictures = await app.post(GENERATE, body, { token });
    const refused = await openForm(2_000_000);
    const problem = await problemOf(refused);

    expect([forms, refused.status]).toEqual([[201, 201, 201], 429]);
    expect([pictures.status, put.length]).toEqual([429, stored]);
    expect([problem.code, problem.detail]).toEqual([
      "TOO_MANY_UPLOADS",
      expect.stringContaining("10 MB a day"),
    ]);
  });

  test("that are spent take no form with them", async () => {
    await open({ dailyUploadMegabytes: 10, openUploads: 3 });
    await statuses(2, 5_000_000);
    for (let nth = 0; nth < 5; nth += 1) await openForm(20_000_000);

    const { detail } = await problemOf(await openForm(1_000_000));

    expect(detail).toContain("MB a day");
  });
});
