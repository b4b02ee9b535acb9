import { describe, expect, test } from "bun:test";
import type { Scene } from "../ports/store.ts";
import { DEFAULT_GARMENTS, DEFAULT_SCENES, findGarment } from "./default-presets.ts";

const own: Scene = { id: "hanfu", kind: "garment", en: "hanfu", zh: "汉服" };
const presets = [...DEFAULT_SCENES, ...DEFAULT_GARMENTS, own];

describe("findGarment", () => {
  const said: readonly (readonly [string, string])[] = [
    ["dress", "dress"],
    [" Dress ", "dress"],
    ["连衣裙", "dress"],
    ["trousers", "pants"],
    ["t恤", "t-shirt"],
    ["汉服", "hanfu"],
  ];
  for (const [word, id] of said) {
    test(`knows "${word}" as ${id}`, () => {
      expect(findGarment(presets, word)?.id).toBe(id);
    });
  }

  test("a customer's own word, no word and the name of a scene are none", () => {
    const found = ["summer dress", "", undefined, "studio"].map((word) =>
      findGarment(presets, word),
    );

    expect(found).toEqual([undefined, undefined, undefined, undefined]);
  });

  test("no two presets of a kind share an id, and each has both languages", () => {
    const ids = presets.map(({ kind, id }) => `${kind}/${id}`);

    expect(new Set(ids).size).toBe(ids.length);
    for (const { zh } of DEFAULT_GARMENTS) expect(zh).toMatch(/\p{Script=Han}/u);
  });
});
