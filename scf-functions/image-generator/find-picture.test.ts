import { describe, expect, test } from "bun:test";
import type { ServerResponse } from "node:http";
import { type Scripted, startTestArk, testImageEvent } from "../testing/ark.fixture.ts";
import { createMemoryStore } from "../testing/memory-store.fixture.ts";
import { startTestOpenAi } from "../testing/openai.fixture.ts";
import { smallJpeg } from "../testing/pictures.fixture.ts";
import { sendJson } from "../testing/server.fixture.ts";
import { testTools } from "../testing/tools.fixture.ts";
import { createImageProvider } from "./create-image-provider.ts";
import { findPicture } from "./find-picture.ts";
import { runImageGenerator } from "./run-image-generator.ts";

const photo = await smallJpeg({ width: 80, height: 60 });
const base64 = photo.toString("base64");
const dataUri = `data:image/jpeg;base64,${base64}`;
const urlSafe = photo.toString("base64url");

/** Answers as services on these wires give them; at `origin` a picture can be fetched. */
const FORMS: readonly (readonly [string, (origin: string) => Record<string, unknown>])[] = [
  ["an address", (origin) => ({ data: [{ url: `${origin}/made.jpg` }] })],
  ["a data URI as the address", () => ({ data: [{ url: dataUri }] })],
  ["a data URI with its signs escaped", () => ({ data: [{ url: escaped(dataUri) }] })],
  ["base64", () => ({ data: [{ b64_json: base64 }] })],
  ["base64 beside an empty address", () => ({ data: [{ url: "", b64_json: base64 }] })],
  ["base64 in URL-safe letters without padding", () => ({ data: [{ b64_json: urlSafe }] })],
  ["base64 in lines", () => ({ data: [{ b64_json: base64.replaceAll(/(.{76})/g, "$1\r\n") }] })],
  ["a data URI as base64", () => ({ data: [{ b64_json: dataUri }] })],
  ["an address as base64", (origin) => ({ data: [{ b64_json: `${origin}/made.jpg` }] })],
  ["a list of addresses", (origin) => ({ data: [`${origin}/made.jpg`] })],
  ["an object instead of a list", () => ({ data: { b64_json: base64 } })],
  ["images with an address", (origin) => ({ images: [{ url: `${origin}/made.jpg` }] })],
  ["images in base64", () => ({ images: [base64] })],
  ["images in a message", () => ({ choices: [{ message: { images: [imageUrl(dataUri)] } }] })],
  ["images with image_url", () => ({ images: [imageUrl(dataUri)] })],
  ["output as an address", (origin) => ({ output: `${origin}/made.jpg` })],
  ["output as a list", (origin) => ({ output: [`${origin}/made.jpg`] })],
  ["output with results", (origin) => ({ output: { results: [{ url: `${origin}/made.jpg` }] } })],
  [
    "output with a message",
    () => ({ output: { choices: [{ message: { content: [{ image: dataUri }] } }] } }),
  ],
];
const imageUrl = (url: string) => ({ type: "image_url", image_url: { url } });
const escaped = (uri: string) =>
  uri
    .replaceAll("+", "%2B")
    .replaceAll("/", "%2F")
    .replaceAll("=", "%3D")
    .replace("image%2F", "image/")
    .replace("base64%3D", "base64=");

const key = { apiKey: "k" };
async function madeBy(provider: Parameters<typeof createImageProvider>[0]) {
  const store = createMemoryStore({ "ref.jpg": photo });
  const deps = { store, providers: [createImageProvider(provider)] };
  const { images } = await runImageGenerator(deps, testImageEvent(1), testTools());
  return images[0];
}

describe("the picture of an answer", () => {
  for (const [name, answerAt] of FORMS) {
    test(`is read as ${name}, on both wires and from events`, async () => {
      const asBody = (response: ServerResponse, origin: string) =>
        sendJson(response, 200, answerAt(origin));
      const inBody: Scripted = (response, { origin }) => asBody(response, origin);
      const inEvent: Scripted = (response, { origin }) => {
        const event = { type: "image_generation.partial_succeeded", ...answerAt(origin) };
        response.writeHead(200, { "Content-Type": "text/event-stream" });
        response.end(`data: ${JSON.stringify(event)}\n\n`);
      };
      await using ark = await startTestArk({ 1: inBody, 2: inEvent });
      await using openai = await startTestOpenAi(asBody);
      const arkAt = { name: "ark", baseUrl: ark.origin, ...key } as const;

      const images = [
        await madeBy({ ...arkAt, streams: false }),
        await madeBy({ ...arkAt, streams: true }),
        await madeBy({ name: "openai", baseUrl: openai.origin, model: "m", ...key }),
      ];

      expect(images).toMatchObject(images.map(() => ({ ok: true, format: "jpeg" })));
    });
  }

  test("of 8 MB comes whole on both wires and from events, in pieces of any size", async () => {
    const large = Buffer.concat([photo, Buffer.alloc(8_000_000)]).toString("base64");

    const bytes = findPicture({ data: [{ b64_json: large }] });

    expect(bytes).toEqual({ bytes: Buffer.from(large, "base64") });
  });

  test("bytes go before an address, and https before what may not be fetched", () => {
    const [http, https] = ["http://example.com/a.jpg", "https://example.com/b.jpg"];

    expect(findPicture({ data: [{ url: http }, { url: https }] })).toEqual({ url: https });
    expect(findPicture({ data: [{ url: https, b64_json: base64 }] })).toEqual({ bytes: photo });
  });

  const none: readonly (readonly [string, unknown])[] = [
    ["nothing", null],
    ["an empty list", { data: [] }],
    ["a word", { data: [{ url: "pending", b64_json: "<html>" }] }],
    ["an identifier", { data: [{ id: "x".repeat(300) }] }],
    [
      "prose",
      { choices: [{ message: { content: "I cannot draw this, I am sorry.".repeat(20) } }] },
    ],
  ];
  for (const [name, answer] of none) {
    test(`is none in ${name}`, () => {
      expect(findPicture(answer)).toBeNull();
    });
  }
});
