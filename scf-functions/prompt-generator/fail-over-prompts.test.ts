import { describe, expect, test } from "bun:test";
import type { ServerResponse } from "node:http";
import { promptGeneratorResultSchema } from "../../core/function-schemas/prompt-generator.ts";
import { createMemoryStore } from "../testing/memory-store.fixture.ts";
import { smallJpeg } from "../testing/pictures.fixture.ts";
import { sendJson, startTestServer, type TestServer } from "../testing/server.fixture.ts";
import { testTools } from "../testing/tools.fixture.ts";
import { createChatProvider } from "./chat-provider.ts";
import { NEXT_PROVIDER_MS, runPromptGenerator } from "./run-prompt-generator.ts";

const event = {
  images: ["a.jpg"],
  to: "prompts/1.json",
  scene: { id: "beach", en: "a quiet beach", zh: "安静的海滩" },
  style: { id: "casual", en: "casual", zh: "休闲" },
};
const draft = JSON.stringify({
  garment: { type: "dress", colors: ["red"], pattern: "solid" },
  promptZh: "一条红色连衣裙，模特站在海边，柔和的自然光。",
  promptEn: "A red dress, worn by a model on the beach in soft morning light.",
});

type Answer = (response: ServerResponse) => void;
const saying =
  (content: string, finish_reason = "stop"): Answer =>
  (response) => {
    const usage = { prompt_tokens: 100, completion_tokens: 10 };
    sendJson(response, 200, { choices: [{ finish_reason, message: { content } }], usage });
  };
const failing =
  (status: number, code: string): Answer =>
  (response) =>
    sendJson(response, status, { error: { code, message: `about ${code}` } });
const start = (answer: Answer) => startTestServer((_request, response) => answer(response));

const providerAt = (name: string, { origin }: TestServer) =>
  createChatProvider({
    name,
    baseUrl: `${origin}/v1`,
    apiKey: `${name}-key`,
    keyName: `${name.toUpperCase()}_API_KEY`,
    model: `${name}-model`,
  });

async function runWith(first: TestServer, second: TestServer, ms = 20_000, more: object = {}) {
  const store = createMemoryStore({ "a.jpg": await smallJpeg() });
  const providers = [providerAt("tokenhub", first), providerAt("ark", second)];
  const result = await runPromptGenerator(
    { store, providers },
    { ...event, ...more },
    testTools(ms),
  );
  return { result: promptGeneratorResultSchema.parse(result), store, providers };
}

describe("prompts by the next provider", () => {
  const passing: readonly (readonly [string, Answer, object])[] = [
    ["is down", failing(503, "unavailable"), { code: "PROVIDER_FAILED" }],
    ["is busy", failing(429, "rate_limit_exceeded"), { code: "PROVIDER_BUSY" }],
    [
      "is not paid",
      failing(403, "AccountOverdueError"),
      {
        code: "PROVIDER_UNPAID",
        providerCode: "AccountOverdueError",
        message: "The prompt model's account is not paid.",
      },
    ],
    [
      "refuses our key",
      failing(401, "invalid_api_key"),
      { code: "PROVIDER_CREDENTIALS", message: expect.stringContaining("TOKENHUB_API_KEY") },
    ],
    [
      "does not offer its model",
      failing(404, "ModelNotOpen"),
      { code: "PROVIDER_REQUEST_REFUSED" },
    ],
    ["writes what cannot be used", saying("No."), { code: "PROVIDER_ANSWER_INVALID" }],
    [
      "answers something else",
      (response) => sendJson(response, 200, { hello: 1 }),
      { code: "PROVIDER_ANSWER_INVALID" },
    ],
  ];
  for (const [name, answer, reported] of passing) {
    test(`the first ${name}: the second's answer, and told`, async () => {
      await using first = await start(answer);
      await using second = await start(saying(draft));

      const { result } = await runWith(first, second);

      expect(result).toMatchObject({ model: "ark-model", usage: { promptTokens: 100 } });
      expect(result.switches).toEqual([
        expect.objectContaining({ from: "tokenhub", to: "ark", ...reported }),
      ]);
    });
  }

  test("what was switched is kept with the prompt for who asks again", async () => {
    await using first = await start(failing(503, "unavailable"));
    await using second = await start(saying(draft));
    const { result, store, providers } = await runWith(first, second);

    const again = await runPromptGenerator({ store, providers }, event, testTools());

    expect(again).toEqual(result);
    expect([first.seen.length, second.seen.length]).toEqual([1, 1]);
  });

  test("a model that the caller names is asked of the first alone", async () => {
    await using first = await start(failing(503, "unavailable"));
    await using second = await start(saying(draft));

    await runWith(first, second, 20_000, { model: "hy-vision-9" });

    const models = [first, second].map(
      ({ seen }) => JSON.parse(seen[0]?.body.toString() ?? "").model,
    );
    expect(models).toEqual(["hy-vision-9", "ark-model"]);
    expect(second.seen[0]?.headers.authorization).toBe("Bearer ark-key");
  });

  const staying: readonly (readonly [string, Answer, object])[] = [
    [
      "rejects the content",
      failing(400, "content_filter"),
      { code: "CONTENT_REJECTED", ran: "no" },
    ],
    ["stops at its filter", saying("", "content_filter"), { code: "CONTENT_REJECTED", ran: "yes" }],
    ["refuses the request", failing(400, "bad"), { code: "PROVIDER_REQUEST_REFUSED" }],
    [
      "breaks off before its answer",
      (response) => response.socket?.destroy(),
      { code: "PROVIDER_TIMEOUT", ran: "unknown" },
    ],
    [
      "is behind a gateway that gave up",
      (response) => response.writeHead(504).end("<html>"),
      { code: "PROVIDER_FAILED", ran: "unknown" },
    ],
  ];
  for (const [name, answer, failure] of staying) {
    test(`the first ${name}: nobody else is asked`, async () => {
      await using first = await start(answer);
      await using second = await start(saying(draft));

      await expect(runWith(first, second)).rejects.toMatchObject(failure);

      expect(second.seen).toHaveLength(0);
    });
  }

  const both: readonly (readonly [string, Answer, Answer, object])[] = [
    [
      "down",
      failing(503, "x"),
      failing(500, "y"),
      { code: "PROVIDER_FAILED", ran: "no", providerCode: "tokenhub: x; ark: y" },
    ],
    [
      "an operator's to mend",
      failing(401, "invalid_api_key"),
      failing(403, "AccountOverdueError"),
      { code: "PROVIDER_CREDENTIALS", message: expect.stringContaining("TOKENHUB_API_KEY") },
    ],
    [
      "out, the second alone for a while",
      failing(402, "x"),
      failing(503, "y"),
      { code: "PROVIDER_FAILED", providerCode: "ark: y; tokenhub: x" },
    ],
    [
      "out, the second after what was paid for in vain",
      saying("No."),
      failing(401, "invalid_api_key"),
      { code: "PROVIDER_ANSWER_INVALID", ran: "yes" },
    ],
    [
      "out, the second by its filter, after what was paid for in vain",
      saying("No."),
      failing(400, "content_filter"),
      { code: "CONTENT_REJECTED", ran: "yes" },
    ],
    [
      "out, the second with its answer lost",
      failing(503, "x"),
      (response) => response.socket?.destroy(),
      { code: "PROVIDER_TIMEOUT", ran: "unknown" },
    ],
    [
      "out, the second since it does not take the request",
      failing(503, "x"),
      failing(400, "bad"),
      { code: "PROVIDER_FAILED", ran: "no" },
    ],
  ];
  for (const [name, answer, next, failure] of both) {
    test(`both are ${name}: one failure speaks for both`, async () => {
      await using first = await start(answer);
      await using second = await start(next);

      await expect(runWith(first, second)).rejects.toMatchObject(failure);
    });
  }

  test("two answers that cannot be used are the end, whoever gave them", async () => {
    await using first = await start(saying("No."));
    await using second = await start(saying("No."));

    const drafting = runWith(first, second);

    await expect(drafting).rejects.toMatchObject({ code: "PROVIDER_ANSWER_INVALID", ran: "yes" });
    expect([first.seen.length, second.seen.length]).toEqual([1, 1]);
  });

  test("with too little time for the second, the first is asked to repair its answer", async () => {
    await using first = await start(saying("No."));
    await using second = await start(saying(draft));

    const drafting = runWith(first, second, NEXT_PROVIDER_MS - 1);

    await expect(drafting).rejects.toMatchObject({ code: "PROVIDER_ANSWER_INVALID", ran: "yes" });
    expect([first.seen.length, second.seen.length]).toEqual([2, 0]);
  });

  test("with too little time left the second is not asked", async () => {
    await using first = await start(failing(503, "unavailable"));
    await using second = await start(saying(draft));

    const drafting = runWith(first, second, NEXT_PROVIDER_MS - 1);

    await expect(drafting).rejects.toMatchObject({ code: "PROVIDER_FAILED", ran: "no" });
    expect(second.seen).toHaveLength(0);
  });
});
