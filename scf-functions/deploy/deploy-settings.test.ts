import { describe, expect, test } from "bun:test";
import { promptGeneratorResultSchema } from "../../core/function-schemas/prompt-generator.ts";
import { FUNCTION_NAMES, FUNCTIONS } from "../../core/model/functions.ts";
import { readImageProcessorConfig } from "../ai-image-processor/config.ts";
import { readImageGeneratorConfig } from "../image-generator/config.ts";
import { readPromptGeneratorConfig } from "../prompt-generator/config.ts";
import { readDeploySettings } from "./deploy-settings.ts";
import { createTryOut } from "./try-out.ts";

const operator = {
  NODE_ENV: "production",
  TENCENTCLOUD_SECRET_ID: "AKIDnarrow",
  TENCENTCLOUD_SECRET_KEY: "narrow-secret",
  COS_BUCKET: "drape-1250000000",
  PROMPT_API_KEY: "prompt-secret",
  ARK_API_KEY: "ark-secret",
};
const READERS = {
  "ai-image-processor": readImageProcessorConfig,
  "prompt-generator": readPromptGeneratorConfig,
  "image-generator": readImageGeneratorConfig,
} as const;

describe("what a deployment gives the functions", () => {
  test("is all that each of them reads, under names that the platform takes", () => {
    const { functions } = readDeploySettings(operator);

    for (const name of FUNCTION_NAMES) {
      const { environment } = functions[name].settings;
      const { store } = READERS[name](environment);
      expect(store).toMatchObject({ secretId: "AKIDnarrow", region: "ap-guangzhou" });
      expect(
        Object.keys(environment).filter((key) => /^(TENCENTCLOUD|SCF|QCLOUD)_/.test(key)),
      ).toEqual([]);
    }
    expect(functions["ai-image-processor"].settings.environment).not.toHaveProperty("ARK_API_KEY");
  });

  test("is every provider of the orders with what it needs, and nobody else's", () => {
    const orders = {
      PROMPT_PROVIDERS: "tokenhub,acme",
      TOKENHUB_API_KEY: "tokenhub-secret",
      ACME_API_KEY: "acme-secret",
      ACME_BASE_URL: "https://ai.acme.test/v1",
      ACME_MODEL: "vision-1",
      IMAGE_PROVIDERS: "ark,openai",
      ARK_STREAM: "true",
      OPENAI_API_KEY: "openai-secret",
      OPENAI_IMAGE_MODEL: "pictures-1",
    };
    const { functions } = readDeploySettings({ ...operator, ...orders, PROMPT_API_KEY: "" });
    const prompts = functions["prompt-generator"].settings.environment;
    const images = functions["image-generator"].settings.environment;

    expect(readPromptGeneratorConfig(prompts).providers).toMatchObject([
      { name: "tokenhub", apiKey: "tokenhub-secret" },
      { name: "acme", apiKey: "acme-secret", model: "vision-1" },
    ]);
    expect(readImageGeneratorConfig(images).providers).toMatchObject([
      { name: "ark", apiKey: "ark-secret", streams: true },
      { name: "openai", apiKey: "openai-secret", model: "pictures-1" },
    ]);
    expect(JSON.stringify(prompts)).not.toMatch(/ark-secret|openai-secret/);
  });

  test("with a role: no keys of the store, and the role's own are read", () => {
    const { functions } = readDeploySettings({ ...operator, SCF_ROLE: "drape-functions" });
    const { role, environment } = functions["image-generator"].settings;

    expect(role).toBe("drape-functions");
    const given = {
      TENCENTCLOUD_SECRETID: "AKIDrole",
      TENCENTCLOUD_SECRETKEY: "role-secret",
      TENCENTCLOUD_SESSIONTOKEN: "token",
    };
    expect(readImageGeneratorConfig({ ...environment, ...given }).store.secretId).toBe("AKIDrole");
  });

  test("is never the key that deploys, when that is another", () => {
    const settings = readDeploySettings({
      ...operator,
      DEPLOY_SECRET_ID: "AKIDstrong",
      DEPLOY_SECRET_KEY: "strong-secret",
    });

    expect(settings.secretId).toBe("AKIDstrong");
    expect(JSON.stringify(settings.functions)).not.toContain("strong");
  });

  test("reserves as many instances as all processes together call, and fits the default quota", () => {
    const { functions } = readDeploySettings({ ...operator, SCF_RESERVE_MEMORY: "true" });

    const mb = FUNCTION_NAMES.map((name) => functions[name].reservedMemoryMb ?? 0);
    expect(mb[0]).toBe(FUNCTIONS["ai-image-processor"].permitsMax * 1024);
    expect(mb.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(128_000 - 12_800);
  });
});

describe("what is wrong with a deployment's variables", () => {
  test("is told at once, with the cure and without a value", () => {
    const wrong = {
      ...operator,
      ARK_API_KEY: "__SET_ME__",
      PROMPT_API_KEY: "",
      COS_BUCKET: "drape",
    };
    const read = () => readDeploySettings({ ...wrong, SCF_QUALIFIER: "$LATEST" });

    for (const part of [
      "ARK_API_KEY: not set: write it into .env.production",
      "PROMPT_API_KEY: not set",
      "COS_BUCKET: needs its APPID",
      "SCF_QUALIFIER: must be an alias",
    ]) {
      expect(read).toThrow(part);
    }
    expect(read).not.toThrow("narrow-secret");
  });

  test("for an order: the keys of its providers, and what the functions would refuse", () => {
    const second = { ...operator, IMAGE_PROVIDERS: "ark,openai", PROMPT_PROVIDERS: "acme" };
    const acme = { ACME_API_KEY: "k", ACME_BASE_URL: "http://ai.acme.test", ACME_MODEL: "m" };

    for (const name of ["OPENAI_API_KEY", "ACME_API_KEY", "ACME_BASE_URL", "ACME_MODEL"]) {
      expect(() => readDeploySettings(second)).toThrow(`${name}: not set`);
    }
    expect(() => readDeploySettings({ ...second, ...acme, OPENAI_API_KEY: "o" })).toThrow(
      "prompt-generator: The function is not configured: ACME_BASE_URL is wrong: an https URL",
    );
    expect(() => readDeploySettings({ ...operator, IMAGE_PROVIDERS: "dream" })).toThrow(
      "IMAGE_PROVIDERS names dream; known are ark, openai",
    );
  });

  test("for one function: only what that one needs", () => {
    const { ARK_API_KEY: _ark, PROMPT_API_KEY: _prompt, ...some } = operator;

    expect(readDeploySettings(some, ["ai-image-processor"]).alias).toBe("live");
    expect(() => readDeploySettings(some, ["image-generator"])).toThrow("ARK_API_KEY");
  });

  test("an emulated cloud in production, and variables of more than 4 KB", () => {
    const loopback = { ...operator, COS_ENDPOINT: "127.0.0.1:1" };

    expect(() => readDeploySettings(loopback)).toThrow("COS_ENDPOINT: leave it out in production");
    expect(() => readDeploySettings({ ...operator, ARK_API_KEY: "k".repeat(4_096) })).toThrow(
      "image-generator: its variables have more than 4 KB",
    );
  });
});

test("the brief of a try-out is one that the prompt generator takes, so that no model is asked", async () => {
  const written = new Map<string, Uint8Array>();
  const tryOut = createTryOut(
    { put: async (key, body) => void written.set(key, body), delete: async () => {} },
    "id",
  );

  await tryOut.prepare();

  const brief = [...written].find(([key]) => key.endsWith(".json"))?.[1];
  expect(
    promptGeneratorResultSchema.safeParse(JSON.parse(Buffer.from(brief ?? []).toString())).success,
  ).toBe(true);
});
