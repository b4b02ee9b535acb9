import { expect, test } from "bun:test";
import sharp from "sharp";
import { z } from "zod";
import { promptDraftSchema } from "../../core/function-schemas/prompt-generator.ts";
import { drawnGarment } from "../samples/drawn-garment.fixture.ts";
import { createProviderEmulators } from "./provider-emulators.ts";

const origin = "http://127.0.0.1:9";
const model = "doubao-seedream-4-0-250828";
type Emulators = ReturnType<typeof createProviderEmulators>;

async function send(
  emulators: Emulators,
  path: string,
  body: unknown,
  authorization = "Bearer test",
): Promise<Response> {
  const headers = { "content-type": "application/json", authorization };
  const init = { method: "POST", headers, body: JSON.stringify(body) };
  return emulators.fetch(new Request(`${origin}${path}`, init));
}

const images = "/api/v3/images/generations";
const chat = "/v1/chat/completions";

async function dataUri(kind: "t-shirt" | "dress" | "jacket", index: number): Promise<string> {
  const small = await sharp(await drawnGarment(kind, index))
    .resize(360)
    .jpeg()
    .toBuffer();
  return `data:image/jpeg;base64,${small.toString("base64")}`;
}

function look(url: string, text: string) {
  const content = [
    { type: "text", text },
    { type: "image_url", image_url: { url } },
  ];
  return { model: "hy-vision-2.0-instruct", messages: [{ role: "user", content }] };
}

const completionSchema = z.object({
  id: z.string(),
  model: z.string(),
  choices: z.array(
    z.object({ finish_reason: z.literal("stop"), message: z.object({ content: z.string() }) }),
  ),
  usage: z.object({
    prompt_tokens: z.number().positive(),
    completion_tokens: z.number().positive(),
  }),
});
const madeSchema = z.object({
  data: z.array(
    z.object({ b64_json: z.string().optional(), url: z.string().optional(), size: z.string() }),
  ),
  usage: z.object({ generated_images: z.literal(1), output_tokens: z.number().positive() }),
});
const arkErrorSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
const logSchema = z.object({
  requests: z.array(
    z.object({
      route: z.string(),
      status: z.number(),
      imageHashes: z.array(z.string()),
      fault: z.string().optional(),
    }),
  ),
});

test.each([
  ["red", "红色", "t-shirt", 0],
  ["blue", "蓝色", "jacket", 4],
] as const)("a %s garment gives prompts that say so", async (en, zh, kind, index) => {
  const emulators = createProviderEmulators();
  const text = "Scene: street (街头)\nStyle: elegant (优雅)\nGarment: jacket";

  const response = await send(emulators, chat, look(await dataUri(kind, index), text));

  const answer = completionSchema.parse(await response.json());
  const draft = promptDraftSchema.parse(JSON.parse(answer.choices[0]?.message.content ?? ""));
  expect(draft.garment.colors[0]).toBe(en);
  expect(draft.garment.type).toBe("jacket");
  expect(draft.promptEn).toContain(en);
  expect(draft.promptZh).toContain(zh);
  expect(draft.promptZh.length).toBeLessThanOrEqual(300);
  for (const word of ["street", "街头", "elegant", "优雅"]) expect(draft.promptEn).toContain(word);
  for (const word of ["street", "街头", "elegant", "优雅"]) expect(draft.promptZh).toContain(word);
  expect(answer.model).toBe("hy-vision-2.0-instruct");
});

test("without a key both models refuse in their own words", async () => {
  const emulators = createProviderEmulators();

  const fromChat = await send(emulators, chat, {}, "");
  const fromImages = await send(emulators, images, {}, "");

  expect([fromChat.status, fromImages.status]).toEqual([401, 401]);
  expect(await fromChat.json()).toMatchObject({ error: { code: "invalid_api_key" } });
  expect(await fromImages.json()).toMatchObject({ error: { code: "AuthenticationError" } });
});

test("sizes and models are checked as Ark documents them", async () => {
  const emulators = createProviderEmulators();
  const draw = async (body: object) => {
    const response = await send(emulators, images, { prompt: "海滩", ...body });
    return [response.status, arkErrorSchema.parse(await response.json()).error.code];
  };

  const small = await draw({ model, size: "512x512" });
  const newer = await draw({ model: "doubao-seedream-4-5-251128", size: "1024x1024" });
  const unknown = await draw({ model: "Doubao-Seedream-4-0", size: "2K" });
  const missing = await draw({ size: "2K" });

  expect(small).toEqual([400, "InvalidParameter"]);
  expect(newer).toEqual([400, "InvalidParameter"]);
  expect(unknown).toEqual([404, "InvalidEndpointOrModel.NotFound"]);
  expect(missing).toEqual([400, "MissingParameter.model"]);
});

test("equal requests give different pictures of the size asked for", async () => {
  const emulators = createProviderEmulators();
  const image = [await dataUri("dress", 1)];
  const body = { model, prompt: "公园，休闲", image, size: "960x960", watermark: false };

  const first = await send(emulators, images, { ...body, response_format: "b64_json" });
  const second = await send(emulators, images, body);

  expect(first.headers.get("x-drape-provider")).toBe("preview");
  const one = Buffer.from(madeSchema.parse(await first.json()).data[0]?.b64_json ?? "", "base64");
  const { data } = madeSchema.parse(await second.json());
  const got = await emulators.fetch(new Request(data[0]?.url ?? ""));
  const other = new Uint8Array(await got.arrayBuffer());
  expect(got.headers.get("content-type")).toBe("image/jpeg");
  expect((await sharp(other).metadata()).width).toBe(960);
  expect(Buffer.compare(one, other)).not.toBe(0);
});

test("a refusal on demand comes after the requests it lets through and is logged", async () => {
  const seen: string[] = [];
  const emulators = createProviderEmulators({ onRequest: ({ route }) => seen.push(route) });
  await send(emulators, "/control/faults", { route: "images", kind: "refuse", skip: 1 });
  const body = { model, prompt: "影棚", size: "960x960", response_format: "b64_json" };

  const statuses = [];
  for (let i = 0; i < 3; i++) statuses.push((await send(emulators, images, body)).status);

  const listed = await emulators.fetch(new Request(`${origin}/control/log?route=images`));
  const { requests } = logSchema.parse(await listed.json());
  expect(statuses).toEqual([200, 400, 200]);
  expect(requests.map(({ fault }) => fault)).toEqual([undefined, "refuse", undefined]);
  expect(seen).toEqual(["images", "images", "images"]);
  await emulators.fetch(new Request(`${origin}/control/log`, { method: "DELETE" }));
  const emptied = await emulators.fetch(new Request(`${origin}/control/log`));
  expect(logSchema.parse(await emptied.json()).requests).toEqual([]);
});

test("a delay holds the answer, then answers normally", async () => {
  const emulators = createProviderEmulators();
  await send(emulators, "/control/faults", { route: "images", kind: "delay", delayMs: 120 });
  const started = performance.now();

  const response = await send(emulators, images, { model, prompt: "家居", size: "960x960" });

  expect(response.status).toBe(200);
  expect(performance.now() - started).toBeGreaterThanOrEqual(115);
});

test("status, garbage and reset faults break the answer as they say", async () => {
  const emulators = createProviderEmulators();
  const body = { model, prompt: "白底", size: "960x960" };
  const withFault = async (fault: object) => {
    await send(emulators, "/control/faults", { route: "images", ...fault });
    return send(emulators, images, body);
  };

  const busy = await withFault({ kind: "status", status: 429, code: "ServerOverloaded" });
  const garbage = await withFault({ kind: "garbage" });
  const reset = await withFault({ kind: "reset" });

  expect([busy.status, arkErrorSchema.parse(await busy.json()).error.code]).toEqual([
    429,
    "ServerOverloaded",
  ]);
  expect(garbage.json()).rejects.toThrow();
  expect(reset.text()).rejects.toThrow();
});

test("an unknown field of a fault is refused", async () => {
  const emulators = createProviderEmulators();

  const response = await send(emulators, "/control/faults", {
    route: "chat",
    kind: "hang",
    often: 3,
  });

  expect(response.status).toBe(400);
});

test("pictures from other machines are not fetched", async () => {
  const emulators = createProviderEmulators();
  const body = { model, prompt: "海滩", size: "960x960", image: "https://example.com/a.jpg" };

  const response = await send(emulators, images, body);

  expect(response.status).toBe(400);
  expect(arkErrorSchema.parse(await response.json()).error.code).toStartWith("InvalidImageURL");
});
