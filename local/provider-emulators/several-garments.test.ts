import { afterAll, describe, expect, test } from "bun:test";
import sharp from "sharp";
import { createChatProvider } from "../../scf-functions/prompt-generator/chat-provider.ts";
import { runPromptGenerator } from "../../scf-functions/prompt-generator/run-prompt-generator.ts";
import { createMemoryStore } from "../../scf-functions/testing/memory-store.fixture.ts";
import { testTools } from "../../scf-functions/testing/tools.fixture.ts";
import { EMULATOR_PATHS } from "./provider-emulators.ts";
import { serveEmulators } from "./serve-emulators.ts";

const { origin, stop } = serveEmulators();
afterAll(() => stop());

/** A garment on a white ground, as photos for a shop have it. */
const drawn = (path: string, colour: string) =>
  sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400">
        <rect width="400" height="400" fill="#ffffff"/><path d="${path}" fill="${colour}"/></svg>`,
    ),
  )
    .jpeg()
    .toBuffer();
const SHIRT =
  "M130 70 L170 60 Q200 85 230 60 L270 70 L350 150 L310 190 L275 160 L275 320 L125 320 L125 160 L90 190 L50 150 Z";
const TROUSERS = "M130 40 L270 40 L285 370 L222 370 L200 150 L178 370 L115 370 Z";

async function promptFor(photos: Record<string, Buffer>) {
  const store = createMemoryStore(photos);
  const provider = createChatProvider({
    name: "chat",
    apiKey: "k",
    keyName: "PROMPT_API_KEY",
    model: "m",
    baseUrl: `${origin}${EMULATOR_PATHS.tokenhub}`,
  });
  const word = { id: "studio", en: "studio", zh: "摄影棚" };
  const event = { images: Object.keys(photos), to: "p.json", scene: word, style: word };
  return runPromptGenerator({ store, providers: [provider] }, event, testTools(60_000));
}

describe("a prompt for photos of several garments", () => {
  test("names each of them with its colour, in both languages", async () => {
    const shirt = await drawn(SHIRT, "#c81e1e");
    const trousers = await drawn(TROUSERS, "#1e3cc8");

    const { promptEn, promptZh, garment } = await promptFor({ "a.jpg": shirt, "b.jpg": trousers });

    expect(promptEn).toMatch(/red .*shirt.*blue .*trousers/);
    expect(promptZh).toMatch(/红.*蓝.*长裤/);
    expect(garment).toMatchObject({ colors: expect.arrayContaining(["red"]) });
  });

  test("names one garment once, however many photos show it", async () => {
    const shirt = await drawn(SHIRT, "#c81e1e");
    const back = await sharp(shirt).flop().jpeg({ quality: 90 }).toBuffer();

    const { promptEn } = await promptFor({ "a.jpg": shirt, "b.jpg": back });

    expect(promptEn.match(/red/g)).toHaveLength(1);
  });
});
