import { expect, test } from "bun:test";
import { readImageProcessorConfig } from "../ai-image-processor/config.ts";
import { once } from "./environment.ts";
import { readImageGeneratorConfig } from "../image-generator/config.ts";
import { readStoreConfig } from "./object-store.ts";
import { readPromptGeneratorConfig } from "../prompt-generator/config.ts";

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
  const { TENCENTCLOUD_SECRET_ID: _id, TENCENTCLOUD_SECRET_KEY: _key, ...account } = store;
  const role = {
    ...account,
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

  expect(readPromptGeneratorConfig(keys).providers).toEqual([
    {
      name: "chat",
      baseUrl: "https://tokenhub.tencentmaas.com/v1",
      apiKey: "p",
      keyName: "PROMPT_API_KEY",
      model: "hy-vision-2.0-instruct",
    },
  ]);
  expect(readImageGeneratorConfig(keys).providers).toEqual([
    {
      name: "ark",
      baseUrl: "https://ark.cn-beijing.volces.com/api/v3",
      apiKey: "a",
      streams: false,
    },
  ]);
  expect(readImageProcessorConfig(keys).allowedOrigins.size).toBe(0);
});

test("providers stand in the order that the variables say, each with its own", () => {
  const keys = {
    ...store,
    PROMPT_PROVIDERS: "tokenhub, ark,acme",
    IMAGE_PROVIDERS: "openai,ark",
    TOKENHUB_API_KEY: "t",
    ARK_API_KEY: "a",
    ACME_API_KEY: "c",
    ACME_BASE_URL: "https://ai.acme.test/v1/",
    ACME_MODEL: "vision-1",
    OPENAI_API_KEY: "o",
    OPENAI_IMAGE_MODEL: "pictures-1",
  };

  const prompts = readPromptGeneratorConfig(keys).providers;
  const images = readImageGeneratorConfig(keys).providers;

  expect(prompts).toMatchObject([
    { name: "tokenhub", apiKey: "t", model: "hy-vision-2.0-instruct" },
    { name: "ark", apiKey: "a", keyName: "ARK_API_KEY", model: "doubao-seed-2-0-lite-260428" },
    { name: "acme", apiKey: "c", baseUrl: "https://ai.acme.test/v1", model: "vision-1" },
  ]);
  expect(images).toMatchObject([
    { name: "openai", apiKey: "o", model: "pictures-1" },
    { name: "ark", apiKey: "a" },
  ]);
});

test("an order that cannot be kept is the operator's fault, and says what is wrong", () => {
  const keys = { ...store, ARK_API_KEY: "a", PROMPT_API_KEY: "p" };
  const images = (order: string) => () =>
    readImageGeneratorConfig({ ...keys, IMAGE_PROVIDERS: order });
  const prompts = (order: string) => () =>
    readPromptGeneratorConfig({ ...keys, PROMPT_PROVIDERS: order });

  expect(images("ark,ark")).toThrow("IMAGE_PROVIDERS is wrong: each name once");
  expect(images("ark,")).toThrow("IMAGE_PROVIDERS is wrong: names between commas");
  expect(images("ark,dream")).toThrow("IMAGE_PROVIDERS names dream; known are ark, openai");
  expect(images("ark,openai")).toThrow("OPENAI_API_KEY is not set");
  expect(prompts("chat,acme")).toThrow("ACME_BASE_URL is not set");
  expect(prompts("chat,tokenhub")).toThrow(
    expect.objectContaining({ code: "PROVIDER_CREDENTIALS" }),
  );
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
