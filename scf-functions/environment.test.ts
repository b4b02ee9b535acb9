import { expect, test } from "bun:test";
import { readImageProcessorConfig } from "./ai-image-processor/config.ts";
import { once } from "./environment.ts";
import { readImageGeneratorConfig } from "./image-generator/config.ts";
import { readStoreConfig } from "./object-store.ts";
import { readPromptGeneratorConfig } from "./prompt-generator/config.ts";

const store = {
  COS_BUCKET: "photos-1250000000",
  TENCENTCLOUD_REGION: "ap-guangzhou",
  TENCENTCLOUD_SECRET_ID: "AKIDown",
  TENCENTCLOUD_SECRET_KEY: "own-secret",
};

test("a missing variable is named, an empty one counts as missing", () => {
  const bad = { ...store, COS_BUCKET: "" };

  expect(() => readStoreConfig(bad)).toThrow("COS_BUCKET is not set");
});

test("a wrong variable is named and its value is not repeated", () => {
  const bad = { ...store, ARK_API_KEY: "k", ARK_BASE_URL: "http://far.test/secret-path" };

  expect(() => readImageGeneratorConfig(bad)).toThrow(/ARK_BASE_URL is wrong: an https URL/);
  expect(() => readImageGeneratorConfig(bad)).not.toThrow(/secret-path/);
});

test("a missing provider key is the operator's fault by its code", () => {
  expect(() => readPromptGeneratorConfig(store)).toThrow(
    expect.objectContaining({
      code: "PROVIDER_CREDENTIALS",
      message: expect.stringContaining("PROMPT_API_KEY is not set"),
    }),
  );
});

test("the role's temporary keys are used when there are none of our own", () => {
  const { TENCENTCLOUD_SECRET_ID: _id, TENCENTCLOUD_SECRET_KEY: _key, ...place } = store;
  const role = {
    ...place,
    TENCENTCLOUD_SECRETID: "AKIDrole",
    TENCENTCLOUD_SECRETKEY: "role-secret",
    TENCENTCLOUD_SESSIONTOKEN: "token",
  };

  expect(readStoreConfig(role)).toMatchObject({ secretId: "AKIDrole", sessionToken: "token" });
  expect(readStoreConfig({ ...role, ...store })).toMatchObject({
    secretId: "AKIDown",
    sessionToken: undefined,
  });
});

test("addresses of the services have defaults, and open image sources are none", () => {
  const keys = { ...store, PROMPT_API_KEY: "p", ARK_API_KEY: "a" };

  expect(readPromptGeneratorConfig(keys).chat).toEqual({
    baseUrl: "https://tokenhub.tencentmaas.com/v1",
    apiKey: "p",
    model: "hy-vision-2.0-instruct",
  });
  expect(readImageGeneratorConfig(keys).ark.baseUrl).toBe(
    "https://ark.cn-beijing.volces.com/api/v3",
  );
  expect(readImageProcessorConfig(keys).allowedOrigins.size).toBe(0);
});

test("what is made once is kept, and a failure is tried again", () => {
  let calls = 0;
  const value = once(() => {
    calls += 1;
    if (calls === 1) throw new Error("not yet");
    return calls;
  });

  expect(value).toThrow("not yet");
  expect([value(), value()]).toEqual([2, 2]);
});
