import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { DrapeError } from "../core/model/errors.ts";
import { startFixtureCloud, type FixtureCloud } from "../local/cloud-emulator/cloud.fixture.ts";
import { functionErrorOf, functionFailureOf } from "./scf-errors.ts";
import { createScfInvoker } from "./scf-invoker.ts";

const NAME = "image-generator";
const CALLED = {
  name: NAME,
  deployedName: "staging-image-generator",
  namespace: "shop",
  region: "ap-guangzhou",
} as const;
const never = new AbortController().signal;

describe("what an operator reads when a setting is wrong", () => {
  let cloud: FixtureCloud;
  beforeAll(async () => {
    cloud = await startFixtureCloud();
  });
  afterAll(() => cloud.close());

  test.each([
    [
      "a wrong secret key",
      { secretKey: "wrong" },
      "FUNCTION_CREDENTIALS",
      "TENCENTCLOUD_SECRET_KEY",
    ],
    [
      "an unknown secret id",
      { secretId: "AKIDother" },
      "FUNCTION_CREDENTIALS",
      "TENCENTCLOUD_SECRET_ID",
    ],
    ["another region", { region: "ap-beijing" }, "FUNCTION_MISSING", "TENCENTCLOUD_REGION"],
    [
      "another namespace",
      { namespace: "shop" },
      "FUNCTION_MISSING",
      `Deploy the function ${NAME} in namespace shop`,
    ],
    [
      "another prefix",
      { functionPrefix: "staging-" },
      "FUNCTION_MISSING",
      `Deploy the function staging-${NAME}`,
    ],
    [
      "an endpoint where nothing listens",
      { endpoint: "127.0.0.1:1" },
      "FUNCTION_UNREACHABLE",
      "region ap-guangzhou",
    ],
  ])("%s", async (_what, changed, code, hint) => {
    const settings = { ...cloud.account, endpoint: cloud.scf.endpoint, ...changed };
    const invoker = createScfInvoker(settings);

    const error = await invoker
      .call(NAME, {}, AbortSignal.timeout(60_000))
      .catch((e: unknown) => e);

    expect(error).toBeInstanceOf(DrapeError);
    expect(error).toMatchObject({
      code,
      ran: "no",
      message: expect.stringContaining(NAME),
      operatorMessage: expect.stringContaining(hint),
    });
    expect(String(error)).not.toContain(cloud.account.secretId);
    expect(JSON.stringify(error)).not.toContain(cloud.account.secretKey);
  });
});

describe("transport errors, which carry nothing but text", () => {
  // The texts that the SDK was seen to give on Node and on Bun.
  test.each([
    ["request to http://127.0.0.1:1/ failed, reason: connect ECONNREFUSED 127.0.0.1:1", "no"],
    ["ECONNREFUSED: Unable to connect. Is the computer able to access the url?", "no"],
    ["request failed, reason: getaddrinfo ENOTFOUND scf.tencentcloudapi.com", "no"],
    ["request to https://x/ failed, reason: unable to verify the first certificate", "no"],
    ["request to http://127.0.0.1:1/ failed, reason: socket hang up", "unknown"],
    ["ECONNRESET: The socket connection was closed unexpectedly.", "unknown"],
    ["something that nobody has seen yet", "unknown"],
  ])("%s", (message, ran) => {
    const error = functionErrorOf(new Error(message), CALLED, never);

    expect(error).toMatchObject({ code: "FUNCTION_UNREACHABLE", ran });
  });

  test.each([
    ["network timeout at: http://127.0.0.1:1/", "FUNCTION_TIMEOUT"],
    ["invalid json response body at http://127.0.0.1:1/", "FUNCTION_ANSWER_INVALID"],
    ["JSON Parse error: Unrecognized token '<'", "FUNCTION_ANSWER_INVALID"],
  ])("%s", (message, code) => {
    const error = functionErrorOf(new Error(message), CALLED, never);

    expect(error).toMatchObject({ code, ran: "unknown" });
  });
});

describe("a function's own failure", () => {
  const json = (more: object): string =>
    JSON.stringify({ errorCode: 1, errorMessage: "user code exception caught", ...more });

  test("is read from either field", () => {
    const failure = json({ statusCode: 430, stackTrace: "Error: no\n  at /var/user/index.js" });

    for (const texts of [
      { errMsg: failure, retMsg: "" },
      { errMsg: "", retMsg: failure },
    ]) {
      const error = functionFailureOf(texts, CALLED);
      expect(error).toMatchObject({ code: "FUNCTION_FAILED", ran: "yes" });
      expect(error?.operatorMessage).toContain("430, user code exception caught, Error: no");
      expect(error?.operatorMessage).not.toContain("/var/user");
    }
  });

  test("is believed without JSON, and an answer is not taken for one", () => {
    expect(functionFailureOf({ errMsg: "killed", retMsg: "" }, CALLED)).toMatchObject({
      code: "FUNCTION_FAILED",
      ran: "unknown",
    });
    const answer = JSON.stringify({ ok: true, result: { statusCode: 430 } });
    expect(functionFailureOf({ errMsg: "", retMsg: answer }, CALLED)).toBeNull();
  });
});
