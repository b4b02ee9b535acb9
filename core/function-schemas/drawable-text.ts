import { FONT_LETTERS } from "./font-letters.ts";

/** Letters listed in a message; of so many the rest helps nobody. */
const LISTED_MAX = 10;

/** The text as it is drawn: letters and their accents are one. */
export const drawnText = (text: string): string => text.normalize("NFC").trim();

/**
 * The letters of a text that a watermark cannot show, each once, as people read them: what the font does not have
 * (emoji, Korean, rare characters), marks that stand alone, and what nobody would see.
 */
export function undrawableLetters(text: string): string[] {
  const letters = new Set([...drawnText(text)].filter((letter) => !isDrawable(letter)));
  return [...letters].slice(0, LISTED_MAX).map(nameOf);
}

function isDrawable(letter: string): boolean {
  const code = letter.codePointAt(0) ?? 0;
  const digit = FONT_LETTERS[code >> 8]?.[(code & 255) >> 2] ?? "0";
  return (Number.parseInt(digit, 16) & (8 >> (code & 3))) !== 0;
}

function nameOf(letter: string): string {
  const code = `U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
  const isSeen = !/[\p{M}\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u.test(letter);
  return isSeen ? `${letter} (${code})` : code;
}
