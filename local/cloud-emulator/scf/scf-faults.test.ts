import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { createScfInvoker } from "../../../cloud/scf-invoker.ts";
import { DrapeError } from "../../../core/model/errors.ts";
import { startControlServer } from "../control-server.ts";
import { startFixtureCloud, type FixtureCloud } from "../cloud.fixture.ts";
import type { EmulatorServer } from "../emulator-http.ts";
import { createModerationRules } from "../moderation/moderation-rules.ts";

const NAME = "prompt-generator";

describe("faults that the control server takes", () => {
  let cloud: FixtureCloud;
  let control: EmulatorServer;
  beforeAll(async () => {
    cloud = await startFixtureCloud();
    control = await startControlServer({ scf: cloud.scf, moderation: createModerationRules() });
  });
  afterAll(() => Promise.all([cloud.close(), control.close()]));
  afterEach(async () => {
    await send("DELETE", "faults");
    await send("DELETE", "log");
  });

  const send = (method: string, path: string, body?: unknown): Promise<Response> =>
    fetch(`http://${control.endpoint}/control/scf/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const fault = async (kind: string, more: object = {}): Promise<void> => {
    expect((await send("POST", "faults", { function: NAME, kind, ...more })).status).toBe(204);
  };
  const call = (event: object = {}, ms = 10_000): Promise<unknown> => {
    const invoker = createScfInvoker({ ...cloud.account, endpoint: cloud.scf.endpoint });
    const signal = AbortSignal.timeout(ms);
    return invoker.call(NAME, { do: "echo", value: 1, ...event }, signal);
  };
  /** "CODE ran", or "ok". */
  const endOf = (event?: object, ms?: number): Promise<string> =>
    call(event, ms).then(
      () => "ok",
      (error: unknown) => (error instanceof DrapeError ? `${error.code} ${error.ran}` : "other"),
    );

  test.each([
    [400, "FUNCTION_REQUEST_REFUSED no"],
    [401, "FUNCTION_CREDENTIALS no"],
    [402, "FUNCTION_UNPAID no"],
    [406, "FUNCTION_REQUEST_REFUSED no"],
    [407, "FUNCTION_ANSWER_INVALID yes"],
    [410, "FUNCTION_UNPAID no"],
    [429, "FUNCTION_BUSY no"],
    [430, "FUNCTION_FAILED yes"],
    [432, "FUNCTION_BUSY no"],
    [433, "FUNCTION_TIMEOUT yes"],
    [434, "FUNCTION_FAILED yes"],
    [435, "FUNCTION_MISSING no"],
    [437, "FUNCTION_MISSING no"],
    [439, "FUNCTION_FAILED yes"],
    [500, "FUNCTION_FAILED unknown"],
    [599, "FUNCTION_FAILED unknown"],
  ])("the function status %d becomes %s", async (status, expected) => {
    await fault("status", { status });

    expect(await endOf()).toBe(expected);
    expect(await endOf()).toBe("ok");
  });

  test.each([
    ["RequestLimitExceeded.GlobalRegionUinLimitExceeded", "FUNCTION_BUSY no"],
    ["InternalError.System", "FUNCTION_FAILED unknown"],
    ["ResourceNotFound.Function", "FUNCTION_MISSING no"],
    ["AuthFailure.TokenFailure", "FUNCTION_CREDENTIALS no"],
    ["UnauthorizedOperation.CAM", "FUNCTION_CREDENTIALS no"],
    ["ResourceUnavailable.InsufficientBalance", "FUNCTION_UNPAID no"],
    ["InvalidParameterValue.Event", "FUNCTION_REQUEST_REFUSED no"],
    ["SomethingNew", "FUNCTION_FAILED unknown"],
  ])("the API error %s becomes %s", async (code, expected) => {
    await fault("api-error", { code });

    expect(await endOf()).toBe(expected);
  });

  test.each([
    [429, "FUNCTION_BUSY no"],
    [404, "FUNCTION_UNREACHABLE no"],
    [502, "FUNCTION_FAILED unknown"],
    [504, "FUNCTION_TIMEOUT unknown"],
  ])("the HTTP status %d becomes %s", async (httpStatus, expected) => {
    await fault("http", { httpStatus });

    expect(await endOf()).toBe(expected);
  });

  test("a cut connection leaves unknown whether it ran, and the log knows", async () => {
    await fault("reset");
    await fault("reset-after-run");

    expect(await endOf()).toBe("FUNCTION_UNREACHABLE unknown");
    expect(await endOf()).toBe("FUNCTION_UNREACHABLE unknown");

    const { entries } = await (await send("GET", "log")).json();
    expect(entries).toMatchObject([
      { function: NAME, status: 0, note: "reset" },
      { function: NAME, status: 200, note: "reset-after-run" },
    ]);
  });

  test("an answer that is not JSON, no answer and a late answer", async () => {
    await fault("garbage");
    expect(await endOf()).toBe("FUNCTION_ANSWER_INVALID unknown");

    await fault("hang");
    expect(await endOf({}, 150)).toBe("FUNCTION_TIMEOUT unknown");

    await fault("delay", { delayMs: 150 });
    const startedAt = performance.now();
    expect(await endOf()).toBe("ok");
    expect(performance.now() - startedAt).toBeGreaterThan(149);
  });

  test("half an answer, an empty one and one that comes in drops", async () => {
    await fault("truncated");
    await fault("empty");
    await fault("drip", { delayMs: 120 });

    expect(await endOf()).toBe("FUNCTION_ANSWER_INVALID unknown");
    expect(await endOf()).toBe("FUNCTION_ANSWER_INVALID unknown");
    expect(await endOf()).toBe("ok");

    await fault("drip", { delayMs: 2_000 });
    expect(await endOf({}, 150)).toBe("FUNCTION_TIMEOUT unknown");
  });

  test("a fault strikes its action alone, after those skipped, as often as asked", async () => {
    await fault("status", { action: "import", skip: 1, times: 2, status: 430 });

    const ends = [];
    for (const action of ["import", "preprocess", "import", "import", "import"]) {
      ends.push(await endOf({ action }));
    }

    const struck = "FUNCTION_FAILED yes";
    expect(ends).toEqual(["ok", "ok", struck, struck, "ok"]);
  });

  test("a fault without end lasts until it is cleared", async () => {
    await fault("status", { times: 0, status: 429 });

    expect([await endOf(), await endOf(), await endOf()]).toEqual(
      Array.from({ length: 3 }, () => "FUNCTION_BUSY no"),
    );
    await send("DELETE", "faults");
    expect(await endOf()).toBe("ok");
  });

  test("a function is taken away and put back", async () => {
    expect((await send("DELETE", `functions/${NAME}`)).status).toBe(204);
    expect(await endOf()).toBe("FUNCTION_MISSING no");

    expect((await send("PUT", `functions/${NAME}`)).status).toBe(204);
    expect(await endOf()).toBe("ok");
  });

  test("what cannot be understood is refused", async () => {
    expect((await send("POST", "faults", { function: NAME, kind: "nonsense" })).status).toBe(422);
    expect((await send("POST", "faults")).status).toBe(422);
    expect((await send("PUT", "functions/unknown")).status).toBe(404);
    expect((await send("GET", "nothing")).status).toBe(404);
  });
});
