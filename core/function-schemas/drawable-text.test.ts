import { describe, expect, test } from "bun:test";
import { drawnText, undrawableLetters } from "./drawable-text.ts";

describe("undrawableLetters", () => {
  const drawn: Readonly<Record<string, string>> = {
    "a shop's name": "霓裳旗舰店",
    "traditional and common characters": "漢字圖樣",
    "letters, digits and signs": "Drape © 2026 ¥99 – “50%”!",
    "accents, composed or not": "Café Cafe\u0301",
    "full-width forms and Chinese marks": "ＡＢＣ１２３，。！（新款）",
    "a wide blank between words": "新款\u3000上市",
    kana: "ファッション",
  };
  test.each(Object.entries(drawn))("%s can be drawn", (_name, text) => {
    expect(undrawableLetters(text)).toEqual([]);
  });

  const refused: Readonly<Record<string, readonly [text: string, letters: readonly string[]]>> = {
    "what nobody sees": ["\u200b", ["U+200B"]],
    "a byte order mark within": ["新\ufeff款", ["U+FEFF"]],
    "a soft hyphen": ["new\u00adin", ["U+00AD"]],
    "an emoji": ["👗新款", ["👗 (U+1F457)"]],
    "an emoji's variation selector": ["新\ufe0f", ["U+FE0F"]],
    "a rare character": ["𠮷", ["𠮷 (U+20BB7)"]],
    Thai: ["ก", ["ก (U+0E01)"]],
    Arabic: ["م", ["م (U+0645)"]],
    "a turn of the writing's direction": ["a\u202eb", ["U+202E"]],
    "a mark without its letter": ["x\u20e3", ["U+20E3"]],
    "a private character": ["\ue000", ["U+E000"]],
  };
  test.each(Object.entries(refused))("%s is named", (_name, [text, letters]) => {
    expect(undrawableLetters(text)).toEqual([...letters]);
  });

  test("Korean is named letter by letter, each once, at most ten", () => {
    expect(undrawableLetters("한국한")).toEqual(["한 (U+D55C)", "국 (U+AD6D)"]);
    const many = String.fromCodePoint(...Array.from({ length: 30 }, (_, i) => 0xac00 + i));
    expect(undrawableLetters(many)).toHaveLength(10);
  });
});

test("a letter and its accent are drawn as one", () => {
  expect(drawnText(" Cafe\u0301 ")).toBe("Café");
});
