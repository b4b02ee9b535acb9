import { describe, expect, test } from "bun:test";
import { imageGeneratorResultSchema } from "../../core/function-schemas/image-generator.ts";
import { createMemoryStore, type MemoryStore } from "../testing/memory-store.fixture.ts";
import {
  requestsOf,
  refusing,
  type Scripted,
  startTestArk,
  testImageEvent,
} from "../testing/ark.fixture.ts";
import { startTestOpenAi } from "../testing/openai.fixture.ts";
import { smallJpeg } from "../testing/pictures.fixture.ts";
import { sendJson, type TestServer } from "../testing/server.fixture.ts";
import { testTools } from "../testing/tools.fixture.ts";
import { NEXT_PROVIDER_MS } from "./generate-picture.ts";
import { createImageProvider } from "./create-image-provider.ts";
import { runImageGenerator } from "./run-image-generator.ts";

type Origin = Pick<TestServer, "origin">;
const providersAt = (ark: Origin, openai: Origin) => [
  createImageProvider({
    name: "ark",
    baseUrl: `${ark.origin}/api/v3`,
    apiKey: "ark-key",
    streams: false,
  }),
  createImageProvider({
    name: "openai",
    baseUrl: `${openai.origin}/v1`,
    apiKey: "openai-key",
    model: "gpt-image-1.5",
  }),
];
const MS = NEXT_PROVIDER_MS + 15_000;

async function setUp(): Promise<MemoryStore> {
  return createMemoryStore({ "ref.jpg": await smallJpeg() });
}
type RunOptions = { readonly store?: MemoryStore; readonly count?: number; readonly ms?: number };

async function run(ark: Origin, openai: Origin, { store, count = 1, ms = MS }: RunOptions = {}) {
  const deps = { store: store ?? (await setUp()), providers: providersAt(ark, openai) };
  const result = await runImageGenerator(deps, testImageEvent(count), testTools(ms));
  return imageGeneratorResultSchema.parse(result);
}

/** An address where nobody listens any more. */
async function goneArk(): Promise<Origin> {
  const ark = await startTestArk();
  await ark[Symbol.asyncDispose]();
  return ark;
}
const always = (scripted: Scripted) => ({ 1: scripted, 2: scripted, 3: scripted });

describe("pictures by the next provider", () => {
  test("the first refuses connections: the second makes them, and each is told", async () => {
    const store = await setUp();
    await using openai = await startTestOpenAi();

    const result = await run(await goneArk(), openai, { store, count: 2 });

    expect(result.images).toMatchObject([
      { ok: true, index: 0, provider: "openai", model: "gpt-image-1.5", width: 96 },
      { ok: true, index: 1, provider: "openai" },
    ]);
    expect(result.switches.sort((a, b) => a.index - b.index)).toMatchObject([
      { index: 0, from: "ark", code: "PROVIDER_FAILED", to: "openai" },
      { index: 1, from: "ark", code: "PROVIDER_FAILED", to: "openai" },
    ]);
    expect(result.usage.generatedImages).toBe(2);
    expect(store.objects.get("out/0")?.provider).toBe("openai");
    expect(openai.seen.map(({ path }) => path)).toEqual(["/v1/images/edits", "/v1/images/edits"]);
  });

  test("one of three is not taken by the first: it alone is made by the second", async () => {
    await using ark = await startTestArk({ 2: refusing(500, "InternalServiceError") });
    await using openai = await startTestOpenAi();

    const result = await run(ark, openai, { count: 3 });

    const providers = result.images.map((image) => (image.ok ? image.provider : "none"));
    expect(providers.sort()).toEqual(["ark", "ark", "openai"]);
    expect(result.switches).toHaveLength(1);
    expect(openai.seen).toHaveLength(1);
  });

  test("the first is not paid: the second makes it, and the operator's word is kept", async () => {
    await using ark = await startTestArk(always(refusing(403, "AccountOverdueError")));
    await using openai = await startTestOpenAi();

    const result = await run(ark, openai);

    expect(result.images[0]).toMatchObject({ ok: true, provider: "openai" });
    expect(result.switches).toEqual([
      {
        index: 0,
        from: "ark",
        code: "PROVIDER_UNPAID",
        to: "openai",
        providerCode: "AccountOverdueError",
        message: "The image model's account is overdue or closed.",
      },
    ]);
  });

  test("a second call finds the picture, and tells who made it and instead of whom", async () => {
    const store = await setUp();
    await using ark = await startTestArk(always(refusing(403, "AccountOverdueError")));
    await using openai = await startTestOpenAi();
    const first = await run(ark, openai, { store });

    const second = await run(ark, openai, { store });

    expect(second.images).toEqual(first.images);
    expect(second.switches).toEqual([
      { index: 0, from: "ark", code: "PROVIDER_UNPAID", to: "openai" },
    ]);
    expect([requestsOf(ark).length, openai.seen.length]).toEqual([1, 1]);
  });

  test("a model that is not open to our account is no reason to fail", async () => {
    await using ark = await startTestArk(always(refusing(404, "ModelNotOpen")));
    await using openai = await startTestOpenAi();

    const result = await run(ark, openai);

    expect(result.images[0]).toMatchObject({ ok: true, provider: "openai" });
  });

  test("an answer without a picture that says that nothing is billed is no picture bought", async () => {
    const empty: Scripted = (response) =>
      sendJson(response, 200, { data: [], usage: { generated_images: 0 } });
    await using ark = await startTestArk(always(empty));
    await using openai = await startTestOpenAi();

    const result = await run(ark, openai);

    expect(result.switches).toMatchObject([{ code: "PROVIDER_ANSWER_INVALID", to: "openai" }]);
    expect(result.usage.generatedImages).toBe(1);
  });

  const staying: readonly (readonly [string, Scripted, object])[] = [
    [
      "broke off after the request was sent",
      (response) => void response.socket?.destroy(),
      { code: "PROVIDER_TIMEOUT", ran: "unknown" },
    ],
    [
      "is behind a gateway that gave up",
      (response) => void response.writeHead(504).end("no"),
      { code: "PROVIDER_FAILED", ran: "unknown" },
    ],
    [
      "answers without a picture and without its bill",
      (response) => sendJson(response, 200, { data: [] }),
      { code: "PROVIDER_ANSWER_INVALID", ran: "yes" },
    ],
    [
      "rejects the content",
      refusing(400, "InputTextSensitiveContentDetected"),
      { code: "CONTENT_REJECTED", ran: "no" },
    ],
    [
      "refuses the request",
      refusing(400, "InvalidParameter.size"),
      { code: "PROVIDER_REQUEST_REFUSED", ran: "no" },
    ],
    [
      "made it where it cannot be fetched",
      (response, { origin }) =>
        sendJson(response, 200, { data: [{ url: origin.replace("http", "ftp") }] }),
      { code: "PROVIDER_ANSWER_INVALID", ran: "yes" },
    ],
  ];
  for (const [name, scripted, failure] of staying) {
    test(`the first ${name}: nobody else is asked`, async () => {
      await using ark = await startTestArk({ 1: scripted });
      await using openai = await startTestOpenAi();

      const result = await run(ark, openai);

      expect(result.images[0]).toMatchObject({ ok: false, failure });
      expect(openai.seen).toHaveLength(0);
      expect(result.switches).toEqual([]);
    });
  }

  test("a size that no model of the first makes is told before anybody is asked", async () => {
    const store = await setUp();
    await using openai = await startTestOpenAi();
    const deps = { store, providers: providersAt(await goneArk(), openai) };

    const event = { ...testImageEvent(1), size: "100x100" };
    const result = await runImageGenerator(deps, event, testTools(MS));

    expect(result.images[0]).toMatchObject({ ok: false, failure: { code: "EVENT_INVALID" } });
    expect(openai.seen).toHaveLength(0);
  });

  test("all are an operator's to mend: the first speaks, so that the function pauses", async () => {
    await using ark = await startTestArk(always(refusing(403, "AccountOverdueError")));
    await using openai = await startTestOpenAi((response) =>
      sendJson(response, 401, { error: { code: "invalid_api_key" } }),
    );

    const result = await run(ark, openai);

    const providerCode = "ark: AccountOverdueError; openai: invalid_api_key";
    expect(result.images[0]).toMatchObject({
      failure: { code: "PROVIDER_UNPAID", ran: "no", providerCode },
    });
  });

  test("the second may have made it: nobody asks again before its time is over", async () => {
    await using openai = await startTestOpenAi((response) => void response.socket?.destroy());

    const result = await run(await goneArk(), openai);

    expect(result.images[0]).toMatchObject({
      failure: { code: "PROVIDER_TIMEOUT", ran: "unknown" },
    });
  });

  test("with too little time left the second is not asked", async () => {
    await using openai = await startTestOpenAi();

    const result = await run(await goneArk(), openai, { ms: NEXT_PROVIDER_MS - 1 });

    expect(result.images[0]).toMatchObject({ failure: { code: "PROVIDER_FAILED", ran: "no" } });
    expect(openai.seen).toHaveLength(0);
  });
});
