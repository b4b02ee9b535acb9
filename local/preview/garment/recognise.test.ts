import { expect, test } from "bun:test";
import { recognise } from "./recognise.ts";

test.each([
  ["摄影棚里的红色连衣裙，优雅风格", "studio", "elegant"],
  ["场景：街头。风格：街头潮流。", "street", "street"],
  ["Scene: beach (海滩). Style: street (街头潮流).", "beach", "street"],
  ["在咖啡厅，复古", "cafe", "vintage"],
  ["城市夜景，运动风", "city-night", "sporty"],
  ["Scene: city-night (城市夜景). Style: business (商务).", "city-night", "business"],
  ["室内居家，浪漫", "home", "romantic"],
  ["a minimalist look in an office", "office", "minimalist"],
  ["纯白背景，极简", "white", "minimalist"],
  ["a walk in the park, casual", "park", "casual"],
  ["场景：室内（indoor）。风格：现代（modern）。", "home", "minimalist"],
  ["Scene: indoor (室内). Style: modern (现代). Studio light, no garden.", "home", "minimalist"],
  ["场景：户外（outdoor）。风格：现代（modern）。", "park", "minimalist"],
  ["Scene: outdoor. Style: vintage.", "park", "vintage"],
  ["an outdoor street, modern and casual", "street", "casual"],
  ["室内办公室，现代，优雅", "office", "elegant"],
  ["nothing of use", "studio", "casual"],
] as const)("reads scene and style out of %s", (prompt, scene, style) => {
  const found = recognise(prompt);

  expect([found.scene, found.style]).toEqual([scene, style]);
});

test("names the way a garment is shown by its word", () => {
  expect(recognise("a red dress").garment).toBe("top");
  expect(recognise("黑色长裤").garment).toBe("bottom");
  expect(recognise("white sneakers on a street").garment).toBe("stand");
});
