import { describe, expect, test } from "bun:test";
import { readDraft } from "./read-draft.ts";

const draft = {
  garment: { type: "dress", colors: ["red"], pattern: "solid" },
  promptZh: "一条红色连衣裙，模特站在海边，柔和的自然光。",
  promptEn: "A red dress {with a belt}, worn on the beach in soft light.",
  avoid: ["a missing belt"],
};
const json = JSON.stringify(draft);

describe("readDraft", () => {
  const readable: readonly (readonly [string, string])[] = [
    ["bare", json],
    ["in a code fence", `\`\`\`json\n${JSON.stringify(draft, null, 2)}\n\`\`\``],
    ["with talk around it", `Here you are: ${json} Hope that {helps}!`],
    ["twice, then the first counts", `${json}\n{"garment":null}`],
    ["with members that are null", json.replace('"solid"', '"solid","material":null')],
  ];
  for (const [name, text] of readable) {
    test(`a draft is read ${name}`, () => {
      expect(readDraft(text)).toEqual({ ok: true, draft, weak: [] });
    });
  }

  test("points to avoid that cannot be used are dropped, and having none is no fault", () => {
    const odd = JSON.stringify({ ...draft, avoid: [" a logo ", 7, "", "a logo", "x".repeat(101)] });
    const none = JSON.stringify({ ...draft, avoid: undefined });

    expect(readDraft(odd)).toMatchObject({ ok: true, draft: { avoid: ["a logo"] }, weak: [] });
    expect(readDraft(none)).toMatchObject({ ok: true, draft: { avoid: [] }, weak: [] });
  });

  const unreadable: readonly (readonly [string, string, string])[] = [
    ["no JSON", "I cannot help with that.", "no complete JSON object"],
    ["JSON cut off", json.slice(0, -20), "no complete JSON object"],
    ["broken JSON", json.replace('"solid"', "solid"), "syntax error"],
    ["a missing member", json.replace('"colors":["red"],', ""), "garment.colors"],
    ["a colour too many", json.replace('["red"]', '["a","b","c","d","e","f"]'), "garment.colors"],
    ["a prompt too short", json.replace(draft.promptEn, "Nice"), "promptEn"],
  ];
  for (const [name, text, problem] of unreadable) {
    test(`${name} is a problem that is told`, () => {
      const problems = [expect.stringContaining(problem)];

      expect(readDraft(text)).toEqual({ ok: false, problems });
    });
  }
});
