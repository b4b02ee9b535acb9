import { describe, expect, test } from "bun:test";
import { garmentSaid, namedPresets } from "./named-presets.ts";
import type { Scene } from "../ports/preset-store.ts";

const presets: readonly Scene[] = [
  { id: "home", kind: "scene", en: "home interior", zh: "居家" },
  { id: "loft", kind: "scene", en: "Indoor", zh: "阁楼" },
  { id: "indoor", kind: "scene", en: "indoor", zh: "室内" },
  { id: "hall", kind: "scene", en: "hall", zh: "居家" },
  { id: "home-style", kind: "style", en: "hall", zh: "家居风" },
  { id: "t-shirt", kind: "garment", en: "t-shirt", zh: "T恤" },
  { id: "pants", kind: "garment", en: "trousers", zh: "长裤" },
];
const idsOf = (kind: Scene["kind"], name: string) =>
  namedPresets(presets, kind, name).map(({ id }) => id);

describe("namedPresets", () => {
  const meant: readonly (readonly [Scene["kind"], string, string])[] = [
    ["scene", "home", "home"],
    ["scene", " Home Interior ", "home"],
    ["scene", "ＨＯＭＥ　interior", "home"],
    ["scene", "阁楼", "loft"],
    ["scene", "室内", "indoor"],
    ["style", "hall", "home-style"],
    ["garment", "t恤", "t-shirt"],
    ["garment", "Trousers", "pants"],
  ];
  for (const [kind, name, id] of meant) {
    test(`knows the ${kind} "${name}" as ${id}`, () => {
      expect(idsOf(kind, name)).toEqual([id]);
    });
  }

  test("an id goes before a title that others have, in any case", () => {
    expect([idsOf("scene", "indoor"), idsOf("scene", "INDOOR")]).toEqual([["indoor"], ["indoor"]]);
  });

  test("a title that two presets of the kind have gives both", () => {
    expect(idsOf("scene", "居家")).toEqual(["home", "hall"]);
  });

  test("part of a title, the name of another kind and no name at all are none", () => {
    expect([idsOf("scene", "interior"), idsOf("garment", "indoor"), idsOf("scene", " ")]).toEqual([
      [],
      [],
      [],
    ]);
  });
});

describe("garmentSaid", () => {
  test("what names no garment in particular is as if nothing was said", () => {
    for (const word of [
      "fashion",
      " Fashion ",
      "ＣＬＯＴＨＩＮＧ",
      "Clothes",
      "garment",
      "apparel",
    ])
      expect([word, garmentSaid(word)]).toEqual([word, undefined]);
    for (const word of ["服装", "时装", "服饰", "", undefined])
      expect([word, garmentSaid(word)]).toEqual([word, undefined]);
  });

  test("a garment stays as it was written, one with such a word in it too", () => {
    const words = ["Dress", "连衣裙", "fashion jacket", "运动服装"];

    expect(words.map(garmentSaid)).toEqual(words);
  });
});
