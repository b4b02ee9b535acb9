import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { z } from "zod";
import { createImageProvider } from "../../scf-functions/image-generator/create-image-provider.ts";
import { runImageGenerator } from "../../scf-functions/image-generator/run-image-generator.ts";
import { createMemoryStore } from "../../scf-functions/testing/memory-store.fixture.ts";
import { testTools } from "../../scf-functions/testing/tools.fixture.ts";
import { drawnGarment } from "../samples/drawn-garment.fixture.ts";
import { EMULATOR_PATHS } from "./provider-emulators.ts";
import { serveEmulators } from "./serve-emulators.ts";

const { origin, addFault, stop } = serveEmulators();
let garment: Buffer;
beforeAll(async () => {
  garment = Buffer.from(await drawnGarment("dress", 0));
});
afterAll(() => stop());
beforeEach(async () => {
  for (const path of ["faults", "log"])
    await fetch(`${origin}/control/${path}`, { method: "DELETE" });
});

const logSchema = z.object({
  requests: z.array(
    z.object({ endpoint: z.string(), imageCount: z.number(), fault: z.string().optional() }),
  ),
});
const requests = async () =>
  logSchema.parse(await (await fetch(`${origin}/control/log`)).json()).requests;

/** The function with Ark first, as it streams or not, then OpenAI, all of them emulators. */
async function run({ streams = false, ms = 100_000 } = {}) {
  const store = createMemoryStore({ "ref.png": garment });
  const at = (name: "ark" | "openai") => ({
    baseUrl: `${origin}${EMULATOR_PATHS[name]}`,
    apiKey: "k",
  });
  const providers = [
    createImageProvider({ name: "ark", ...at("ark"), streams }),
    createImageProvider({ name: "openai", ...at("openai"), model: "gpt-image-1.5" }),
  ];
  const event = {
    model: "doubao-seedream-4-0-250828",
    prompt: "A red dress on the beach.",
    size: "1024x1024",
    optimizeMode: "standard" as const,
    referenceKeys: ["ref.png"],
    images: [{ index: 0, key: "out/0" }],
  };
  return runImageGenerator({ store, providers }, event, testTools(ms));
}

describe("the emulators' wires, as the function speaks them", () => {
  for (const streams of [false, true]) {
    test(`Ark makes a picture, ${streams ? "told by events" : "in one answer"}`, async () => {
      const { images, usage } = await run({ streams });

      expect(images[0]).toMatchObject({ ok: true, provider: "preview", width: 1024 });
      expect(usage.generatedImages).toBe(1);
      expect(await requests()).toEqual([{ endpoint: "images.ark", imageCount: 1 }]);
    });
  }

  test("events that break off after the picture was told lose nothing", async () => {
    await addFault({ route: "images.ark", kind: "reset" });

    const { images } = await run({ streams: true });

    expect(images[0]).toMatchObject({ ok: true });
  });

  test("one answer that breaks off leaves open what happened, and nobody else is asked", async () => {
    await addFault({ route: "images.ark", kind: "reset" });

    const { images } = await run();

    expect(images[0]).toMatchObject({ failure: { code: "PROVIDER_TIMEOUT", ran: "unknown" } });
    expect((await requests()).map(({ endpoint }) => endpoint)).toEqual(["images.ark"]);
  });

  test("what Ark's check finds in a finished picture comes as an event, and is not billed", async () => {
    await addFault({ route: "images.ark", error: "OutputImageSensitiveContentDetected" });

    const { images, usage } = await run({ streams: true });

    expect(images[0]).toMatchObject({ failure: { code: "CONTENT_REJECTED", ran: "no" } });
    expect(usage.generatedImages).toBe(0);
  });

  test("an account of Ark that is not paid: OpenAI's emulator edits the photo instead", async () => {
    await addFault({ route: "images.ark", error: "AccountOverdueError" });

    const { images, switches } = await run();

    expect(images[0]).toMatchObject({ ok: true, provider: "preview", model: "gpt-image-1.5" });
    expect(switches).toMatchObject([{ from: "ark", code: "PROVIDER_UNPAID", to: "openai" }]);
    expect(await requests()).toEqual([
      { endpoint: "images.ark", imageCount: 0, fault: "AccountOverdueError" },
      { endpoint: "images.openai", imageCount: 1 },
    ]);
  });
});

describe("faults by name", () => {
  test("one for a whole route hits those alone that document it", async () => {
    await addFault({ route: "images", error: "insufficient_quota" });
    await addFault({ route: "images", error: "ServerOverloaded" });

    const { images } = await run();

    expect(images[0]).toMatchObject({
      failure: {
        code: "PROVIDER_BUSY",
        providerCode: "ark: ServerOverloaded; openai: insufficient_quota",
      },
    });
  });

  const refused: readonly (readonly [string, object, string])[] = [
    ["a name that nobody documents", { route: "images", error: "Odd" }, "AccountOverdueError"],
    [
      "a name of another provider",
      { route: "images.openai", error: "AccountOverdueError" },
      "moderation_blocked",
    ],
    ["both a kind and a name", { route: "chat", kind: "hang", error: "server_error" }, "either"],
    ["neither", { route: "chat" }, "either"],
  ];
  for (const [name, fault, message] of refused) {
    test(`${name} is refused, with what there is`, async () => {
      const response = await addFault(fault);

      expect(response.status).toBe(400);
      expect(await response.text()).toContain(message);
    });
  }
});
