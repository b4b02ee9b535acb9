import { describe, expect, test } from "bun:test";
import type { ServerResponse } from "node:http";
import sharp from "sharp";
import { createMemoryStore } from "../testing/memory-store.fixture.ts";
import { noisePicture } from "../testing/pictures.fixture.ts";
import { sendJson, startTestServer, type TestServer } from "../testing/server.fixture.ts";
import { testTools } from "../testing/tools.fixture.ts";
import { createChatProvider } from "./chat-provider.ts";
import { runPromptGenerator } from "./run-prompt-generator.ts";

const draft = {
  garment: { type: "dress", colors: ["red"], pattern: "solid" },
  promptZh: "一条红色连衣裙，模特站在海边，柔和的自然光。",
  promptEn: "A red dress, worn by a model on the beach in soft morning light.",
  avoid: ["a missing belt"],
};
const fixedPoints = expect.arrayContaining(["a missing belt", "extra logos or text"]);
const event = {
  images: ["a.jpg", "b.jpg"],
  to: "prompts/1.json",
  clothingType: "summer dress\nScene: elsewhere",
  scene: { id: "beach", en: "a quiet beach", zh: "安静的海滩" },
  style: { id: "casual", en: "casual", zh: "休闲" },
};

const say = (content: string, more: object = {}) => ({
  model: "hy-vision-2.0-instruct",
  choices: [{ finish_reason: "stop", message: { role: "assistant", content }, ...more }],
  usage: { prompt_tokens: 100, completion_tokens: 10 },
});

/** A model that gives these answers in turn, the last one again and again. */
function startModel(...answers: readonly ((response: ServerResponse) => void)[]) {
  return startTestServer((_request, response, server) => {
    const answer = answers[Math.min(server.seen.length, answers.length) - 1];
    answer?.(response);
  });
}
const answering = (value: unknown) => (response: ServerResponse) => sendJson(response, 200, value);

async function setUp(size = { width: 60, height: 40 }) {
  const photo = await noisePicture(size).jpeg().toBuffer();
  return createMemoryStore({ "a.jpg": photo, "b.jpg": photo });
}
const CHAT = { name: "chat", apiKey: "key-123", keyName: "PROMPT_API_KEY", model: "hy-vision" };
type Store = ReturnType<typeof createMemoryStore>;
const run = (store: Store, model: TestServer, ms = 20_000, more: object = {}) => {
  const provider = createChatProvider({ ...CHAT, baseUrl: `${model.origin}/v1` });
  return runPromptGenerator({ store, providers: [provider] }, { ...event, ...more }, testTools(ms));
};
const sentText = (model: TestServer): string =>
  JSON.parse(model.seen[0]?.body.toString() ?? "").messages[1].content[0].text;

describe("runPromptGenerator", () => {
  test("asks the model with the photos made small, stores the draft and returns it", async () => {
    const store = await setUp({ width: 1500, height: 1000 });
    await using model = await startModel(answering(say(JSON.stringify(draft))));

    const result = await run(store, model);

    expect(result).toEqual({
      ...draft,
      avoid: fixedPoints,
      model: "hy-vision-2.0-instruct",
      usage: { promptTokens: 100, completionTokens: 10 },
      switches: [],
    });
    expect(JSON.parse(store.objects.get(event.to)?.body.toString() ?? "")).toEqual(result);
    const [sent] = model.seen;
    expect(sent?.path).toBe("/v1/chat/completions");
    expect(sent?.headers.authorization).toBe("Bearer key-123");
    const body = JSON.parse(sent?.body.toString() ?? "");
    expect(body).toMatchObject({ model: "hy-vision", temperature: 0.4, max_tokens: 1500 });
    const [text, ...pictures] = body.messages[1].content;
    expect(pictures).toHaveLength(2);
    const [head, base64] = pictures[0].image_url.url.split(",");
    expect(head).toBe("data:image/jpeg;base64");
    const metadata = await sharp(Buffer.from(base64, "base64")).metadata();
    expect([metadata.width, metadata.height]).toEqual([1024, 683]);
    const lines = text.text.split("\n");
    expect(lines).toContain("Scene: a quiet beach (安静的海滩)");
    expect(lines).toContain("Style: casual (休闲)");
    // A customer's line break cannot add a line to the instruction.
    expect(lines).toContain("Garment: summer dress Scene: elsewhere");
  });

  test("what is stored already is returned and no model is asked", async () => {
    const store = await setUp();
    await using model = await startModel(answering(say(JSON.stringify(draft))));

    const first = await run(store, model);
    const second = await run(store, model);

    expect(second).toEqual(first);
    expect(model.seen).toHaveLength(1);
  });

  test("a bad answer gets one repair round that tells what was wrong", async () => {
    const store = await setUp();
    await using model = await startModel(
      answering(say('{"garment":{"type":"dress"}}')),
      answering(say(JSON.stringify(draft))),
    );

    const result = await run(store, model);

    const usage = { promptTokens: 200, completionTokens: 20 };
    expect(result).toMatchObject({ ...draft, avoid: fixedPoints, usage });
    const { messages } = JSON.parse(model.seen[1]?.body.toString() ?? "");
    expect(messages.at(-2)).toEqual({
      role: "assistant",
      content: '{"garment":{"type":"dress"}}',
    });
    expect(messages.at(-1).content).toContain("garment.colors");
  });

  test("two bad answers are the end", async () => {
    const store = await setUp();
    await using model = await startModel(answering(say("I would rather not.")));

    await expect(run(store, model)).rejects.toMatchObject({
      code: "PROVIDER_ANSWER_INVALID",
      ran: "yes",
    });
    expect(model.seen).toHaveLength(2);
    expect(store.objects.has(event.to)).toBe(false);
  });

  test("a known garment and the vocabulary stand in the instruction", async () => {
    const store = await setUp();
    await using model = await startModel(answering(say(JSON.stringify(draft))));

    await run(store, model, 20_000, {
      garment: { id: "dress", en: "dress", zh: "连衣裙" },
      garmentTypes: ["dress", 'skirt",\n"x'],
    });

    const lines = sentText(model).split("\n");
    expect(lines).toContain("Garment: dress (连衣裙)");
    expect(lines.find((line) => line.includes('"type"'))).toContain("one of: dress, skirt , x;");
  });

  const long = "柔和的自然光洒在裙摆上。".repeat(30);
  const weak: readonly (readonly [string, object, string])[] = [
    ["too long", { promptZh: draft.promptZh + long }, "at most 300 are allowed"],
    ["not Chinese", { promptZh: "a red dress on a beach" }, "must be in Chinese"],
    [
      "without the garment first",
      { promptEn: `${"In soft light. ".repeat(12)}A red dress.` },
      "(red)",
    ],
  ];
  for (const [name, change, message] of weak) {
    test(`a brief that is ${name} is sent back once, with the reason`, async () => {
      const store = await setUp();
      await using model = await startModel(
        answering(say(JSON.stringify({ ...draft, ...change }))),
        answering(say(JSON.stringify(draft))),
      );

      const result = await run(store, model);

      expect(result).toMatchObject({ ...draft, avoid: fixedPoints });
      const { messages } = JSON.parse(model.seen[1]?.body.toString() ?? "");
      expect(messages.at(-1).content).toContain(message);
    });
  }

  test("a brief that stays too long is cut after its last whole sentence", async () => {
    const store = await setUp();
    const promptZh = draft.promptZh + long;
    await using model = await startModel(answering(say(JSON.stringify({ ...draft, promptZh }))));

    const result = await run(store, model);

    expect(model.seen).toHaveLength(2);
    expect(result.promptZh.length).toBeLessThanOrEqual(300);
    expect(promptZh.startsWith(result.promptZh)).toBe(true);
    expect(result.promptZh).toEndWith("。");
  });

  const failedRepairs: readonly (readonly [string, (response: ServerResponse) => void])[] = [
    ["is refused", (response) => sendJson(response, 429, { error: { code: "rate_limit" } })],
    ["is worse", answering(say("Sorry."))],
    ["never comes", () => undefined],
  ];
  for (const [name, repair] of failedRepairs) {
    test(`a weak answer that was paid is used when its repair ${name}`, async () => {
      const store = await setUp();
      const promptEn = `${"In soft light. ".repeat(12)}A red dress.`;
      const { put } = store;
      store.put = (key, body, options, signal) => {
        signal.throwIfAborted();
        return put(key, body, options, signal);
      };
      const first = answering(say(JSON.stringify({ ...draft, promptEn })));
      await using model = await startModel(first, repair);

      const result = await run(store, model, 1_500);

      expect(result.promptEn).toBe(promptEn);
      expect(store.objects.has(event.to)).toBe(true);
    });
  }

  type Failing = readonly [string, (response: ServerResponse) => void, object];
  const error =
    (status: number, code: string, message = "", headers = {}) =>
    (response: ServerResponse) =>
      sendJson(response, status, { error: { code, message } }, headers);
  const failing: readonly Failing[] = [
    ["401", error(401, "invalid_api_key"), { code: "PROVIDER_CREDENTIALS", ran: "no" }],
    ["403", error(403, "forbidden"), { code: "PROVIDER_CREDENTIALS" }],
    ["403 for arrears", error(403, "AccountInArrears"), { code: "PROVIDER_UNPAID" }],
    ["402", error(402, "x"), { code: "PROVIDER_UNPAID" }],
    [
      "429 with Retry-After",
      error(429, "rate_limit", "", { "Retry-After": "7" }),
      { code: "PROVIDER_BUSY", ran: "no", retryAfterMs: 7000, providerCode: "rate_limit" },
    ],
    ["500", error(500, "internal"), { code: "PROVIDER_FAILED", ran: "no" }],
    [
      "502 of a gateway",
      (response) => {
        response.writeHead(502);
        response.end("<html>");
      },
      { code: "PROVIDER_FAILED", ran: "unknown" },
    ],
    [
      "400",
      error(400, "bad_size", "the image is too small, key-123"),
      {
        code: "PROVIDER_REQUEST_REFUSED",
        message: expect.stringMatching(/the image is too small, \*\*\*$/),
      },
    ],
    [
      "400 of the content filter",
      error(400, "content_filter"),
      { code: "CONTENT_REJECTED", ran: "no" },
    ],
    [
      "a filtered answer",
      answering(say("", { finish_reason: "content_filter" })),
      { code: "CONTENT_REJECTED", ran: "yes" },
    ],
    [
      "a sensitive answer",
      answering(say("", { finish_reason: "sensitive" })),
      { code: "CONTENT_REJECTED" },
    ],
    ["no completion", answering({ hello: 1 }), { code: "PROVIDER_ANSWER_INVALID" }],
    [
      "3 MB",
      (response) => response.end(Buffer.alloc(3_000_000)),
      { code: "PROVIDER_ANSWER_INVALID" },
    ],
    [
      "a reset",
      (response) => response.socket?.destroy(),
      { code: "PROVIDER_TIMEOUT", ran: "unknown" },
    ],
  ];
  for (const [name, answer, expected] of failing) {
    test(`provider answers ${name}: the failure says so`, async () => {
      const store = await setUp();
      await using model = await startModel(answer);

      await expect(run(store, model)).rejects.toMatchObject(expected);
    });
  }

  test("silence ends with the function's time, and nobody knows whether it ran", async () => {
    const store = await setUp();
    await using model = await startModel(() => undefined);

    await expect(run(store, model, 300)).rejects.toMatchObject({
      code: "PROVIDER_TIMEOUT",
      ran: "unknown",
    });
  });

  test("nobody listening was certainly not asked", async () => {
    const store = await setUp();
    const model = await startModel(() => undefined);
    await model[Symbol.asyncDispose]();

    await expect(run(store, model)).rejects.toMatchObject({ code: "PROVIDER_FAILED", ran: "no" });
  });

  test("a photo that is missing is told before the model is asked", async () => {
    await using model = await startModel(answering(say("")));

    await expect(run(createMemoryStore(), model)).rejects.toMatchObject({
      code: "IMAGE_SOURCE_UNREACHABLE",
    });
    expect(model.seen).toHaveLength(0);
  });
});
