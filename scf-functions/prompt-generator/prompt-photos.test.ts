import { expect, test } from "bun:test";
import sharp from "sharp";
import { createMemoryStore } from "../testing/memory-store.fixture.ts";
import { noisePicture } from "../testing/pictures.fixture.ts";
import { sendJson, startTestServer } from "../testing/server.fixture.ts";
import { testTools } from "../testing/tools.fixture.ts";
import { createChatProvider } from "./chat-provider.ts";
import { runPromptGenerator } from "./run-prompt-generator.ts";

const word = { id: "beach", en: "a beach", zh: "海滩" };
const event = { images: ["a.jpg", "b.jpg"], to: "p.json", scene: word, style: word };
const draft = {
  garment: { type: "dress", colors: ["red"], pattern: "solid" },
  promptZh: "一条红色连衣裙，模特站在海边，柔和的自然光。",
  promptEn: "A red dress, worn by a model on the beach in soft light.",
};

test("a phone's photo is seen upright, see-through parts as white, and the model is asked for every garment", async () => {
  const lying = await noisePicture({ width: 90, height: 60 })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  const through = { width: 60, height: 60, channels: 4, background: "#00000000" } as const;
  const glass = await sharp({ create: through }).webp().toBuffer();
  const store = createMemoryStore({ "a.jpg": lying, "b.jpg": glass });
  const choices = [{ finish_reason: "stop", message: { content: JSON.stringify(draft) } }];
  await using model = await startTestServer((_request, response) =>
    sendJson(response, 200, { choices }),
  );
  const named = { name: "chat", apiKey: "k", keyName: "PROMPT_API_KEY", model: "m" };
  const provider = createChatProvider({ ...named, baseUrl: model.origin });

  await runPromptGenerator({ store, providers: [provider] }, event, testTools());

  const { messages } = JSON.parse(model.seen[0]?.body.toString() ?? "");
  const [text, ...pictures] = messages[1].content;
  const sent = pictures.map(({ image_url: { url } }: { image_url: { url: string } }) =>
    Buffer.from(url.split(",")[1] ?? "", "base64"),
  );
  const { width, height, exif } = await sharp(sent[0]).metadata();
  expect([width, height, exif]).toEqual([60, 90, undefined]);
  expect([...(await sharp(sent[1]).raw().toBuffer()).subarray(0, 3)]).toEqual([255, 255, 255]);
  expect(text.text).toContain("describe each one by itself");
});
