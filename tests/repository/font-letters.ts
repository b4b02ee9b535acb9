import { readFileSync } from "node:fs";

const FONT = "scf-functions/ai-image-processor/fonts/noto-sans-sc-medium.ttf";
const PAGE = 256;
/** Marks want a letter below them and a font that says where; the others show nothing. */
const NOT_DRAWN = /[\p{M}\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/** The code points that the watermark's font has a drawn letter for, in order. */
export function fontLetters(font: Buffer): number[] {
  const cmap = tableOf(font, "cmap");
  const subtables = Array.from({ length: cmap.readUInt16BE(2) }, (_, i) =>
    cmap.subarray(cmap.readUInt32BE(4 + 8 * i + 4)),
  );
  const letters = new Set(subtables.flatMap((subtable) => lettersOf(subtable)));
  return [...letters]
    .filter((letter) => !NOT_DRAWN.test(String.fromCodePoint(letter)))
    .sort((a, b) => a - b);
}

function tableOf(font: Buffer, tag: string): Buffer {
  for (let i = 0; i < font.readUInt16BE(4); i += 1) {
    const record = 12 + 16 * i;
    if (font.toString("latin1", record, record + 4) !== tag) continue;
    const at = font.readUInt32BE(record + 8);
    return font.subarray(at, at + font.readUInt32BE(record + 12));
  }
  throw new Error(`the font has no table ${tag}`);
}

/** Formats 4 and 12 are those that fonts of today have; format 14 only varies letters. */
function lettersOf(subtable: Buffer): number[] {
  const format = subtable.readUInt16BE(0);
  if (format === 12) return lettersOfGroups(subtable);
  return format === 4 ? lettersOfSegments(subtable) : [];
}

function lettersOfGroups(subtable: Buffer): number[] {
  return Array.from({ length: subtable.readUInt32BE(12) }, (_, i) => {
    const at = 16 + 12 * i;
    const [from, to] = [subtable.readUInt32BE(at), subtable.readUInt32BE(at + 4)];
    const glyph = subtable.readUInt32BE(at + 8);
    return range(from, to).filter((letter) => glyph + letter - from !== 0);
  }).flat();
}

function lettersOfSegments(subtable: Buffer): number[] {
  const size = subtable.readUInt16BE(6);
  return Array.from({ length: size / 2 }, (_, i) => {
    const to = subtable.readUInt16BE(14 + 2 * i);
    const from = subtable.readUInt16BE(16 + size + 2 * i);
    const delta = subtable.readUInt16BE(16 + 2 * size + 2 * i);
    const offsetAt = 16 + 3 * size + 2 * i;
    const offset = subtable.readUInt16BE(offsetAt);
    return range(from, to).filter((letter) => {
      if (letter === 0xffff) return false;
      if (offset === 0) return ((letter + delta) & 0xffff) !== 0;
      return subtable.readUInt16BE(offsetAt + offset + 2 * (letter - from)) !== 0;
    });
  }).flat();
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** The source of `core/function-schemas/font-letters.ts`. */
export function fontLettersSource(): string {
  const pages = Map.groupBy(fontLetters(readFileSync(FONT)), (letter) => Math.floor(letter / PAGE));
  const lines = [...pages].map(([page, letters]) => {
    const bits = Array.from({ length: PAGE / 4 }, (_, digit) =>
      letters
        .filter((letter) => Math.floor((letter % PAGE) / 4) === digit)
        .reduce((sum, letter) => sum + (8 >> (letter % 4)), 0)
        .toString(16),
    );
    return `  ${page}: "${bits.join("")}",\n`;
  });
  return `// Written by \`npm run check:fix\` from the watermark's font; a test of the repository holds them together.

/** The letters that the font draws: of each page of 256 code points one bit a letter, in hexadecimal. */
export const FONT_LETTERS: Readonly<Record<number, string>> = {
${lines.join("")}};
`;
}
