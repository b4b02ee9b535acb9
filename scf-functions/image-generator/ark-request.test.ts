import { describe, expect, test } from "bun:test";
import { createMemoryStore } from "../testing/memory-store.fixture.ts";
import { requestsOf, startTestArk, testImageEvent } from "../testing/ark.fixture.ts";
import { smallJpeg } from "../testing/pictures.fixture.ts";
import { testTools } from "../testing/tools.fixture.ts";
import type { TestServer } from "../testing/server.fixture.ts";
import { createArkProvider } from "./ark-provider.ts";
import { runImageGenerator } from "./run-image-generator.ts";

const arkAt = ({ origin }: TestServer) =>
  createArkProvider({ baseUrl: origin, apiKey: "k", streams: false });

const storeWithReference = async () => createMemoryStore({ "ref.jpg": await smallJpeg() });

describe("what is sent to Ark", () => {
  const cases: readonly (readonly [string, object, object, readonly string[]])[] = [
    [
      "the original contract's spelling of 4.0",
      { model: "doubao-Seedream-4-0-250828", optimizeMode: "standard" },
      { model: "doubao-seedream-4-0-250828", optimize_prompt_options: { mode: "standard" } },
      [],
    ],
    [
      "fast and png where neither is known",
      { model: "doubao-seedream-4-5-251128", size: "2K", outputFormat: "png" },
      { size: "2K", optimize_prompt_options: { mode: "standard" }, output_format: undefined },
      ["optimizeMode", "outputFormat"],
    ],
    [
      "png where it is known, by the model's other name",
      { model: "doubao-seedream-5-0-lite-260128", size: "3072x3072", outputFormat: "png" },
      { model: "doubao-seedream-5-0-260128", output_format: "png" },
      ["optimizeMode"],
    ],
    ["a seed, which no model takes", { seed: 7 }, { seed: undefined }, ["seed"]],
  ];
  for (const [name, change, sent, notes] of cases) {
    test(`${name}: sent as Ark wants it, and told what was not sent`, async () => {
      await using ark = await startTestArk();
      const deps = { store: await storeWithReference(), providers: [arkAt(ark)] };

      const result = await runImageGenerator(
        deps,
        { ...testImageEvent(1), ...change },
        testTools(),
      );

      const body = JSON.parse(requestsOf(ark)[0]?.body.toString() ?? "");
      for (const [field, value] of Object.entries(sent)) expect(body[field]).toEqual(value);
      expect(result.notes.map((note) => note.split(":")[0] ?? "")).toEqual([...notes]);
      expect(result.images[0]?.ok).toBe(true);
    });
  }

  const large = { model: "doubao-seedream-4-5-251128" };
  const refused: readonly (readonly [string, object, string])[] = [
    ["an unknown model", { model: "gpt-image-1" }, "doubao-seedream-4-0-250828, doubao-seedream-4"],
    ["a size too small", { ...large, size: "1024x1024" }, "2K, 4K or 3686400 to 16777216 pixels"],
    ["a tier of another model", { ...large, size: "1K" }, "not 1K"],
    ["a strip", { size: "8192x500" }, "16 : 1"],
    ["too many references", { referenceKeys: Array(11).fill("ref.jpg") }, "at most 10"],
  ];
  for (const [name, change, why] of refused) {
    test(`${name} is refused with what is allowed, and nothing is read or asked`, async () => {
      const store = await storeWithReference();
      await using ark = await startTestArk();
      const deps = { store, providers: [arkAt(ark)] };

      const result = await runImageGenerator(
        deps,
        { ...testImageEvent(2), ...change },
        testTools(),
      );

      for (const image of result.images) {
        const failure = { code: "EVENT_INVALID", ran: "no", message: expect.stringContaining(why) };
        expect(image).toMatchObject({ ok: false, failure });
      }
      expect(ark.seen).toHaveLength(0);
      expect(store.calls).not.toContain("get ref.jpg");
    });
  }

  test("a picture that exists is told also when its model is not known any more", async () => {
    const store = await storeWithReference();
    await using ark = await startTestArk();
    const deps = { store, providers: [arkAt(ark)] };
    await runImageGenerator(deps, testImageEvent(1), testTools());

    const old = { ...testImageEvent(1), model: "doubao-seedream-1-0" };
    const result = await runImageGenerator(deps, old, testTools());

    expect(result.images[0]).toMatchObject({ ok: true, key: "out/0" });
  });
});
