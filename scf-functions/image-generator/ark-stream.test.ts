import { describe, expect, test } from "bun:test";
import type { ServerResponse } from "node:http";
import { createMemoryStore } from "../testing/memory-store.fixture.ts";
import {
  requestsOf,
  madeAt,
  type Scripted,
  startTestArk,
  testImageEvent,
} from "../testing/ark.fixture.ts";
import { smallJpeg } from "../testing/pictures.fixture.ts";
import { sendJson } from "../testing/server.fixture.ts";
import { testTools } from "../testing/tools.fixture.ts";
import { createArkProvider } from "./ark-provider.ts";
import { runImageGenerator } from "./run-image-generator.ts";

const succeeded = (url: string) => ({
  type: "image_generation.partial_succeeded",
  image_index: 0,
  url,
});
const failed = (code: string) => ({
  type: "image_generation.partial_failed",
  image_index: 0,
  error: { code, message: `about ${code}` },
});
const completed = (generated_images: number) => ({
  type: "image_generation.completed",
  usage: { generated_images, output_tokens: 16 },
});

/** As Ark writes them: a name, the data, an empty line. */
const textOf = (events: readonly { readonly type: string }[]) =>
  events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");

function begin(response: ServerResponse): ServerResponse {
  return response.writeHead(200, { "Content-Type": "text/event-stream; charset=utf-8" });
}
const streaming =
  (eventsAt: (origin: string) => readonly { readonly type: string }[]): Scripted =>
  (response, { origin }) =>
    void begin(response).end(`${textOf(eventsAt(origin))}data: [DONE]\n\n`);
const breaking =
  (eventsAt: (origin: string) => readonly { readonly type: string }[]): Scripted =>
  (response, { origin }) =>
    void begin(response).write(textOf(eventsAt(origin)) || ": hello\n\n", () =>
      response.socket?.destroy(),
    );

async function run(scripted: Scripted) {
  const store = createMemoryStore({ "ref.jpg": await smallJpeg() });
  await using ark = await startTestArk({ 1: scripted });
  const provider = createArkProvider({ baseUrl: ark.origin, apiKey: "k", streams: true });
  const event = testImageEvent(1);
  const { images, usage } = await runImageGenerator(
    { store, providers: [provider] },
    event,
    testTools(),
  );
  const body: unknown = JSON.parse(requestsOf(ark)[0]?.body.toString() ?? "");
  return { image: images[0], usage, body };
}

describe("Ark's events", () => {
  test("a picture and its bill are read from the events", async () => {
    const { image, usage, body } = await run(
      streaming((origin) => [succeeded(`${origin}/made.jpg`), completed(1)]),
    );

    expect(body).toMatchObject({ stream: true, sequential_image_generation: "disabled" });
    expect(image).toMatchObject({ ok: true, provider: "ark", width: 64 });
    expect(usage).toEqual({ generatedImages: 1, outputTokens: 16 });
  });

  test("a picture that was told is not lost with its connection, and counts as billed", async () => {
    const { image, usage } = await run(breaking((origin) => [succeeded(`${origin}/made.jpg`)]));

    expect(image).toMatchObject({ ok: true, width: 64 });
    expect(usage.generatedImages).toBe(1);
  });

  test("events come in any pieces", async () => {
    const { image } = await run((response, { origin }) => {
      const text = textOf([succeeded(`${origin}/made.jpg?a=海`), completed(1)]);
      const bytes = Buffer.from(text);
      const write = (at: number): void => {
        if (at >= bytes.byteLength) return void response.end();
        response.write(bytes.subarray(at, at + 7), () => setImmediate(write, at + 7));
      };
      begin(response);
      write(0);
    });

    expect(image).toMatchObject({ ok: true });
  });

  test("an answer without events is read as ever", async () => {
    const { image } = await run((response, { origin }) =>
      sendJson(response, 200, madeAt(`${origin}/made.jpg`)),
    );

    expect(image).toMatchObject({ ok: true });
  });

  const without: readonly (readonly [string, Scripted, object])[] = [
    [
      "a picture that was rejected",
      streaming(() => [failed("OutputImageSensitiveContentDetected"), completed(0)]),
      { code: "CONTENT_REJECTED", ran: "no" },
    ],
    [
      "a picture that was rejected and billed",
      streaming(() => [failed("OutputImageSensitiveContentDetected"), completed(1)]),
      { code: "CONTENT_REJECTED", ran: "yes" },
    ],
    [
      "a fault of its own, and the connection broke",
      breaking(() => [failed("InternalServiceError")]),
      { code: "PROVIDER_FAILED", ran: "no" },
    ],
    [
      "nothing that is billed",
      streaming(() => [completed(0)]),
      { code: "PROVIDER_ANSWER_INVALID", ran: "no" },
    ],
    ["nothing at all", streaming(() => []), { code: "PROVIDER_ANSWER_INVALID", ran: "unknown" }],
    [
      "nothing before the connection broke",
      breaking(() => []),
      { code: "PROVIDER_TIMEOUT", ran: "unknown" },
    ],
  ];
  for (const [name, scripted, failure] of without) {
    test(`a stream that tells ${name}: the failure says what is known`, async () => {
      const { image } = await run(scripted);

      expect(image).toMatchObject({ ok: false, failure });
    });
  }
});
