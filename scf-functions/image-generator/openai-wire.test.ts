import { describe, expect, test } from "bun:test";
import type { ServerResponse } from "node:http";
import { createMemoryStore } from "../testing/memory-store.fixture.ts";
import { testImageEvent } from "../testing/ark.fixture.ts";
import { startTestOpenAi } from "../testing/openai.fixture.ts";
import { smallJpeg } from "../testing/pictures.fixture.ts";
import { sendJson } from "../testing/server.fixture.ts";
import { testTools } from "../testing/tools.fixture.ts";
import { createOpenAiProvider } from "./openai-provider.ts";
import { openAiSize } from "./openai-request.ts";
import { runImageGenerator } from "./run-image-generator.ts";

async function run(
  change: object = {},
  answer?: (response: ServerResponse, origin: string) => void,
) {
  const reference = await smallJpeg();
  const store = createMemoryStore({ "ref.jpg": reference });
  await using openai = await startTestOpenAi(answer);
  const config = { baseUrl: `${openai.origin}/v1`, apiKey: "openai-key", model: "gpt-image-1.5" };
  const deps = { store, providers: [createOpenAiProvider(config)] };
  const event = { ...testImageEvent(1), ...change };
  const result = await runImageGenerator(deps, event, testTools());
  return { result, image: result.images[0], seen: openai.seen, reference };
}

describe("OpenAI's wire for images", () => {
  test("with references it is an edit: the pictures travel as files, one picture is asked for", async () => {
    const { image, seen, reference, result } = await run();

    expect(image).toMatchObject({ ok: true, provider: "openai", model: "gpt-image-1.5" });
    expect(result.usage).toEqual({ generatedImages: 1, outputTokens: 272 });
    const [sent] = seen;
    expect(sent?.path).toBe("/v1/images/edits");
    expect(sent?.headers.authorization).toBe("Bearer openai-key");
    const headers = { "content-type": sent?.headers["content-type"] ?? "" };
    const form = await new Response(new Uint8Array(sent?.body ?? []), { headers }).formData();
    const fields = [...form.entries()].filter(([, value]) => typeof value === "string");
    expect(Object.fromEntries(fields)).toEqual({
      model: "gpt-image-1.5",
      prompt: "A red dress on the beach.",
      size: "1024x1024",
      output_format: "jpeg",
      n: "1",
    });
    const file = form.get("image[]");
    if (file === null || typeof file === "string") throw new Error("no file");
    expect(file.type).toBe("image/jpeg");
    expect(Buffer.from(await file.arrayBuffer()).equals(reference)).toBe(true);
  });

  test("without references it is a generation, in JSON", async () => {
    const { seen, result } = await run({ referenceKeys: [], size: "1280x720", seed: 7 });

    expect(seen[0]?.path).toBe("/v1/images/generations");
    expect(JSON.parse(seen[0]?.body.toString() ?? "")).toEqual({
      model: "gpt-image-1.5",
      prompt: "A red dress on the beach.",
      size: "1536x1024",
      output_format: "jpeg",
      n: 1,
    });
    expect(result.notes.map((note) => note.split(":")[0] ?? "")).toEqual([
      "size",
      "seed",
      "optimizeMode",
    ]);
  });

  test("a picture behind a URL is fetched, without our key", async () => {
    const { image, seen } = await run({}, (response, origin) =>
      sendJson(response, 200, { data: [{ url: `${origin}/made.png` }] }),
    );

    expect(image).toMatchObject({ ok: true, width: 96, height: 64 });
    expect(seen[1]?.headers).not.toHaveProperty("authorization");
  });

  const unusable: readonly (readonly [string, unknown])[] = [
    ["no picture", { data: [{}] }],
    ["nothing", {}],
    ["what is no base64", { data: [{ b64_json: "<html>" }] }],
    ["base64 of no picture", { data: [{ b64_json: "aGVsbG8=" }] }],
    ["an identifier alone", { code: 10000, message: "Success", data: { id: "task-1" } }],
  ];
  for (const [name, value] of unusable) {
    test(`an answer with ${name} cannot be used, and counts as one that ran`, async () => {
      const { image } = await run({}, (response) => sendJson(response, 200, value));

      expect(image).toMatchObject({ failure: { code: "PROVIDER_ANSWER_INVALID", ran: "yes" } });
    });
  }

  test("a size becomes the one of the nearest shape", () => {
    const sizes = ["1024x1024", "864x1152", "1152x864", "2560x1440", "1248x832", "2K", "8192x512"];

    expect(sizes.map(openAiSize)).toEqual([
      "1024x1024",
      "1024x1536",
      "1536x1024",
      "1536x1024",
      "1536x1024",
      "1024x1024",
      "1536x1024",
    ]);
  });
});
