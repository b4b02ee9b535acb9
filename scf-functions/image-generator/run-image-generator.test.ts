import { describe, expect, test } from "bun:test";
import { imageGeneratorResultSchema } from "../../core/function-schemas/image-generator.ts";
import { createMemoryStore, type MemoryStore } from "../testing/memory-store.fixture.ts";
import { plainPicture, smallJpeg } from "../testing/pictures.fixture.ts";
import {
  requestsOf,
  madeAt,
  refusal,
  refusing,
  type Scripted,
  startTestArk,
  testImageEvent,
} from "../testing/ark.fixture.ts";
import { sendJson, type TestServer } from "../testing/server.fixture.ts";
import { testTools } from "../testing/tools.fixture.ts";
import { createArkProvider } from "./ark-provider.ts";
import { runImageGenerator } from "./run-image-generator.ts";

async function setUp(): Promise<MemoryStore> {
  return createMemoryStore({ "ref.jpg": await smallJpeg() });
}
async function run(store: MemoryStore, ark: TestServer, count = 1, ms = 20_000) {
  const config = { baseUrl: `${ark.origin}/api/v3`, apiKey: "ark-key", streams: false };
  const deps = { store, providers: [createArkProvider(config)] };
  const result = await runImageGenerator(deps, testImageEvent(count), testTools(ms));
  return imageGeneratorResultSchema.parse(result);
}

describe("runImageGenerator", () => {
  test("each picture is asked for alone, copied to its key and reported with its facts", async () => {
    const store = await setUp();
    await using ark = await startTestArk();

    const result = await run(store, ark, 3);

    expect(result.usage).toEqual({ generatedImages: 3, outputTokens: 48 });
    expect(result.images.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(result.images[1]).toEqual({
      ok: true,
      index: 1,
      key: "out/1",
      width: 64,
      height: 48,
      bytes: store.objects.get("out/1")?.body.byteLength ?? 0,
      format: "jpeg",
      provider: "ark",
      model: "doubao-seedream-4-0-250828",
    });
    expect(requestsOf(ark)).toHaveLength(3);
    const [sent] = requestsOf(ark);
    expect(sent?.path).toBe("/api/v3/images/generations");
    expect(sent?.headers.authorization).toBe("Bearer ark-key");
    expect(JSON.parse(sent?.body.toString() ?? "")).toEqual({
      model: "doubao-seedream-4-0-250828",
      prompt: "A red dress on the beach.",
      size: "1024x1024",
      sequential_image_generation: "disabled",
      response_format: "url",
      watermark: false,
      optimize_prompt_options: { mode: "fast" },
      image: [expect.stringMatching(/^data:image\/jpeg;base64,/)],
    });
    const downloads = ark.seen.filter(({ method }) => method === "GET");
    expect(downloads[0]?.headers).not.toHaveProperty("authorization");
  });

  test("one of four refused: three are made and one says why", async () => {
    const store = await setUp();
    const refuse = refusing(400, "OutputImageSensitiveContentDetected");
    await using ark = await startTestArk({ 2: refuse });

    const result = await run(store, ark, 4);

    expect(result.images.filter(({ ok }) => ok)).toHaveLength(3);
    const missed = result.images.find(({ ok }) => !ok);
    expect(missed).toMatchObject({
      failure: {
        code: "CONTENT_REJECTED",
        ran: "no",
        providerCode: "OutputImageSensitiveContentDetected",
      },
    });
    expect(result.usage.generatedImages).toBe(3);
  });

  test("a second call with the same keys asks for nothing and remembers who made them", async () => {
    const store = await setUp();
    await using ark = await startTestArk({}, { "x-drape-provider": "preview" });

    const first = await run(store, ark, 2);
    const second = await run(store, ark, 2);

    expect(first.images[0]).toMatchObject({ ok: true, provider: "preview" });
    expect(second.images).toEqual(first.images);
    expect(second.usage).toEqual({ generatedImages: 0, outputTokens: 0 });
    expect(requestsOf(ark)).toHaveLength(2);
  });

  test("a second call after a partial one asks only for what is missing", async () => {
    const store = await setUp();
    await using ark = await startTestArk({ 1: refusing(500, "InternalServiceError") });

    const first = await run(store, ark, 3);
    const second = await run(store, ark, 3);

    expect(first.images.filter(({ ok }) => !ok)).toHaveLength(1);
    expect(second.images.every(({ ok }) => ok)).toBe(true);
    expect(requestsOf(ark)).toHaveLength(4);
  });

  test("references that Ark does not take are made JPEG, and none means no field", async () => {
    const webp = await plainPicture({ width: 30, height: 30 }).webp().toBuffer();
    const store = createMemoryStore({ "ref.jpg": webp });
    await using ark = await startTestArk();
    const config = { baseUrl: ark.origin, apiKey: "k", streams: false };
    const deps = { store, providers: [createArkProvider(config)] };

    await run(store, ark);
    const without = {
      ...testImageEvent(1),
      referenceKeys: [],
      model: "ep-2026",
      images: [{ index: 5, key: "x" }],
    };
    await runImageGenerator(deps, without, testTools());

    const bodies = requestsOf(ark).map(({ body }) => JSON.parse(body.toString()));
    expect(bodies[0].image[0]).toStartWith("data:image/jpeg;base64,");
    expect(bodies[1]).not.toHaveProperty("image");
    // An endpoint id does not tell the model, so nothing model-specific is sent.
    expect(bodies[1]).not.toHaveProperty("optimize_prompt_options");
  });

  test("a missing reference fails each picture before anything is asked", async () => {
    await using ark = await startTestArk();

    const result = await run(createMemoryStore(), ark, 2);

    for (const image of result.images) {
      expect(image).toMatchObject({ failure: { code: "IMAGE_SOURCE_UNREACHABLE", ran: "no" } });
    }
    expect(ark.seen).toHaveLength(0);
  });

  const answering =
    (value: unknown): Scripted =>
    (response) =>
      sendJson(response, 200, value);
  const serving =
    (path: string): Scripted =>
    (response, server) =>
      sendJson(response, 200, madeAt(`${server.origin}${path}`));
  const failures: readonly (readonly [string, Scripted, object])[] = [
    [
      "a text that is refused",
      refusing(400, "InputTextSensitiveContentDetected"),
      { code: "CONTENT_REJECTED", message: expect.stringContaining("description") },
    ],
    [
      "a photo that is refused",
      refusing(400, "InputImageSensitiveContentDetected.PrivacyInformation"),
      { code: "CONTENT_REJECTED", message: expect.stringContaining("garment photo") },
    ],
    ["a risk", refusing(400, "InputImageRiskDetection"), { code: "CONTENT_REJECTED" }],
    [
      "a content check that broke",
      refusing(400, "ContentSecurityDetectionError"),
      { code: "PROVIDER_FAILED", ran: "no" },
    ],
    ["a wrong key", refusing(401, "AuthenticationError"), { code: "PROVIDER_CREDENTIALS" }],
    ["a closed account", refusing(401, "InvalidAccountStatus"), { code: "PROVIDER_UNPAID" }],
    ["an overdue account", refusing(403, "AccountOverdueError"), { code: "PROVIDER_UNPAID" }],
    ["a spending limit", refusing(429, "SetLimitExceeded"), { code: "PROVIDER_UNPAID" }],
    [
      "its rate limit",
      refusing(429, "ModelAccountIpmRateLimitExceeded", { "Retry-After": "3" }),
      { code: "PROVIDER_BUSY", ran: "no", retryAfterMs: 3000 },
    ],
    ["overload", refusing(429, "ServerOverloaded"), { code: "PROVIDER_BUSY" }],
    ["a burst", refusing(429, "RequestBurstTooFast"), { code: "PROVIDER_BUSY" }],
    [
      "its own fault",
      refusing(500, "InternalServiceError"),
      { code: "PROVIDER_FAILED", ran: "no" },
    ],
    [
      "a gateway's fault",
      (response) => void response.writeHead(504).end("no"),
      { code: "PROVIDER_FAILED", ran: "unknown" },
    ],
    [
      "a bad size",
      refusing(400, "InvalidParameter.size"),
      {
        code: "PROVIDER_REQUEST_REFUSED",
        message: expect.stringContaining("about InvalidParameter.size"),
      },
    ],
    ["a model not opened", refusing(404, "ModelNotOpen"), { code: "PROVIDER_REQUEST_REFUSED" }],
    [
      "an error in place of the picture",
      answering({ data: [refusal("OutputImageRiskDetection")], usage: {} }),
      { code: "CONTENT_REJECTED" },
    ],
    ["no picture", answering({ data: [] }), { code: "PROVIDER_ANSWER_INVALID", ran: "yes" }],
    ["no sense", answering("hello"), { code: "PROVIDER_ANSWER_INVALID", ran: "yes" }],
    [
      "a reset",
      (response) => void response.socket?.destroy(),
      { code: "PROVIDER_TIMEOUT", ran: "unknown" },
    ],
    ["a picture that is gone", serving("/gone.jpg"), { code: "PROVIDER_FAILED", ran: "yes" }],
    ["a damaged picture", serving("/broken.jpg"), { code: "PROVIDER_ANSWER_INVALID", ran: "yes" }],
    [
      "a picture elsewhere without https",
      answering(madeAt("http://127.0.0.1:9/a.jpg")),
      { code: "PROVIDER_ANSWER_INVALID", ran: "yes" },
    ],
  ];
  for (const [name, scripted, failure] of failures) {
    test(`the provider answers with ${name}: that picture's failure says so`, async () => {
      const store = await setUp();
      await using ark = await startTestArk({ 1: scripted });

      const result = await run(store, ark);

      expect(result.images[0]).toMatchObject({ ok: false, index: 0, failure });
      expect(store.objects.has("out/0")).toBe(false);
    });
  }

  test("a provider that says nothing leaves the others alone and ends with the time", async () => {
    const store = await setUp();
    await using ark = await startTestArk({ 1: () => undefined });

    const result = await run(store, ark, 2, 700);

    expect(result.images.map(({ ok }) => ok).sort()).toEqual([false, true]);
    expect(result.images.find(({ ok }) => !ok)).toMatchObject({
      failure: { code: "PROVIDER_TIMEOUT", ran: "unknown" },
    });
  });
});
