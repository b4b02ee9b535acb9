import { describe, expect, test } from "bun:test";
import { createMemoryStore } from "../testing/memory-store.fixture.ts";
import { smallJpeg } from "../testing/pictures.fixture.ts";
import { sendJson, startTestServer } from "../testing/server.fixture.ts";
import { testTools } from "../testing/tools.fixture.ts";
import { createChatProvider } from "./chat-provider.ts";
import { runPromptGenerator } from "./run-prompt-generator.ts";

const word = { id: "beach", en: "a beach", zh: "海滩" };
const event = { images: ["a.jpg"], to: "p.json", scene: word, style: word };
const draft = {
  garment: { type: "dress", colors: ["red"], pattern: "solid" },
  promptZh: "一条红色连衣裙，模特站在海边，柔和的自然光。",
  promptEn: "A red dress, worn by a model on the beach in soft light.",
};
const json = JSON.stringify(draft);
const half = json.length / 2;

/** What the function makes of an answer, and how often it asked. */
async function read(answer: unknown, status = 200) {
  const store = createMemoryStore({ "a.jpg": await smallJpeg() });
  await using model = await startTestServer((_request, response) =>
    sendJson(response, status, answer),
  );
  const named = { name: "chat", apiKey: "k", keyName: "PROMPT_API_KEY", model: "m" };
  const provider = createChatProvider({ ...named, baseUrl: model.origin });
  const end = await runPromptGenerator({ store, providers: [provider] }, event, testTools()).catch(
    (error: unknown) => error,
  );
  return { end, requests: model.seen.length };
}
const message = (content: unknown, more: object = {}) => ({
  choices: [{ finish_reason: "stop", message: { role: "assistant", content, ...more } }],
});
const call = (args: unknown) => ({ function: { name: "answer", arguments: args } });

describe("a chat answer", () => {
  const readable: readonly (readonly [string, unknown])[] = [
    ["as a text", message(json)],
    [
      "in parts",
      message([
        { type: "text", text: json.slice(0, half) },
        { type: "text", text: json.slice(half) },
      ]),
    ],
    ["in a part of output", message([{ type: "output_text", text: json }])],
    [
      "in a part after a thought",
      message([
        { type: "thinking", text: "{hm}" },
        { type: "text", text: { value: json } },
      ]),
    ],
    ["as an object", message(draft)],
    ["as the arguments of a tool call", message(null, { tool_calls: [call(json)] })],
    ["as the object of a tool call", message("", { tool_calls: [call(draft)] })],
    ["as the arguments of a function call", message(null, { function_call: { arguments: json } })],
    ["of the older route", { choices: [{ text: json }] }],
    ["after a thought", message(`<think>Perhaps {"promptEn": "A hat?"}</think>\n${json}`)],
    ["after a thought that was never opened", message(`Let me see {…}\n</think>${json}`)],
    ["in a code fence", message(`\`\`\`json\n${json}\n\`\`\``)],
    ["in a JSON string", message(JSON.stringify(json))],
    ["under one other member", message(JSON.stringify({ result: draft }))],
    ["in a list", message(`[${json}]`)],
    ["with commas at the ends", message(json.replace('"]', '",]').replace(/}$/, ",\n}"))],
    ["with line breaks in its texts", message(json.replace("，模特", "，\n模特"))],
    ["after another object", message(`For the garment {"a": 1} I propose: ${json}`)],
    [
      "as the second choice",
      { choices: [{ message: { content: "" } }, { message: { content: json } }] },
    ],
    ["beside what the model reasoned", message(json, { reasoning_content: "A red dress." })],
    [
      "cut off after its end",
      { choices: [{ finish_reason: "length", message: { content: json } }] },
    ],
  ];
  for (const [name, answer] of readable) {
    test(`is read ${name}, and asked for once`, async () => {
      const { end, requests } = await read(answer);

      expect(end).toMatchObject({ garment: draft.garment, promptEn: draft.promptEn });
      expect(requests).toBe(1);
    });
  }

  const filtered = { finish_reason: "content_filter", message: null };
  const reported: readonly (readonly [string, unknown, number, object])[] = [
    [
      "a filter's end without a message",
      { choices: [filtered] },
      200,
      { code: "CONTENT_REJECTED", ran: "yes" },
    ],
    [
      "a refusal",
      message(null, { refusal: "I cannot help." }),
      200,
      { code: "CONTENT_REJECTED", ran: "yes" },
    ],
    [
      "a refusal as a part",
      message([{ type: "refusal", refusal: "No." }]),
      200,
      { code: "CONTENT_REJECTED" },
    ],
    [
      "an inspection",
      { error: { code: "data_inspection_failed", message: "no" } },
      400,
      { code: "CONTENT_REJECTED", ran: "no" },
    ],
    [
      "an inspection, at its top",
      { code: "DataInspectionFailed", message: "no" },
      400,
      { code: "CONTENT_REJECTED", ran: "no" },
    ],
    [
      "200 and an inspection",
      { error: { code: "data_inspection_failed" } },
      200,
      { code: "CONTENT_REJECTED", ran: "no" },
    ],
    [
      "200 and an unpaid bill",
      { error: { code: "insufficient_user_quota" } },
      200,
      { code: "PROVIDER_UNPAID", ran: "no" },
    ],
    [
      "200 and a text as its error",
      { error: "invalid_api_key" },
      200,
      { code: "PROVIDER_CREDENTIALS", ran: "no" },
    ],
    [
      "200 and an error at its top",
      { code: "Arrearage", message: "Access denied" },
      200,
      { code: "PROVIDER_UNPAID", ran: "no" },
    ],
    [
      "200 and an error of its own",
      { error: { message: "odd" } },
      200,
      { code: "PROVIDER_FAILED", ran: "no" },
    ],
    [
      "an error in its choice",
      { choices: [{ error: { code: 429, message: "slow" }, message: { content: "" } }] },
      200,
      { code: "PROVIDER_BUSY", ran: "no" },
    ],
    ["no completion", { hello: 1 }, 200, { code: "PROVIDER_ANSWER_INVALID", ran: "yes" }],
  ];
  for (const [name, answer, status, failure] of reported) {
    test(`of ${name} is told as what it is, and nobody asks again`, async () => {
      const { end, requests } = await read(answer, status);

      expect(end).toMatchObject(failure);
      expect(requests).toBe(1);
    });
  }

  const sentBack: readonly (readonly [string, unknown])[] = [
    ["that is empty", message("")],
    ["that is all thought", message(`<think>${json}`)],
    ["in single quotes", message(json.replaceAll('"', "'"))],
    [
      "that is cut off",
      { choices: [{ finish_reason: "length", message: { content: json.slice(0, -20) } }] },
    ],
  ];
  for (const [name, answer] of sentBack) {
    test(`${name} is sent back once, and then it is over`, async () => {
      const { end, requests } = await read(answer);

      expect(end).toMatchObject({ code: "PROVIDER_ANSWER_INVALID", ran: "yes" });
      expect(requests).toBe(2);
    });
  }
});
