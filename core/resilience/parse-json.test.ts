import { expect, test } from "bun:test";
import { z } from "zod";
import { parseJson, parseJsonAs } from "./parse-json.ts";

const schema = z.object({ code: z.string() });

test("a text that is JSON gives what it says, null included", () => {
  const texts = ['{"a":[1]}', "null", '"word"'];

  expect(texts.map(parseJson)).toEqual([{ a: [1] }, null, "word"]);
});

test("a text that is none gives undefined, which no JSON says", () => {
  const texts = ["", "{", "undefined", "<html>"];

  expect(texts.map(parseJson)).toEqual([undefined, undefined, undefined, undefined]);
});

test("what a schema wants is given, and what it does not want is null", () => {
  const texts = ['{"code":"A","more":1}', '{"code":1}', "null", "{"];

  expect(texts.map((text) => parseJsonAs(schema, text))).toEqual([{ code: "A" }, null, null, null]);
});
