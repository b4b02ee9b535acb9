import { PROMPT_LIMITS, type PromptDraft } from "../../core/function-schemas/prompt-generator.ts";

/** How far into the English brief the garment's colour or kind must have been said. */
const OPENING_LETTERS = 160;
/** The contract's own bound. */
const EN_LETTERS_MAX = 4000;

/**
 * What a draft that can be read does less well than it was asked to, in words that the model can use: worth a
 * repair, not worth losing the draft.
 */
export function weakSpots(draft: PromptDraft): string[] {
  const { garment, promptZh, promptEn } = draft;
  const { zhCharacters, enWords } = PROMPT_LIMITS;
  const spots: string[] = [];
  const characters = charactersOf(promptZh).length;
  if (characters > zhCharacters) {
    spots.push(`promptZh: it has ${characters} characters, at most ${zhCharacters} are allowed`);
  }
  if (!/\p{Script=Han}/u.test(promptZh)) spots.push("promptZh: it must be in Chinese");
  const words = wordsOf(promptEn).length;
  if (words > enWords || promptEn.length > EN_LETTERS_MAX) {
    spots.push(`promptEn: it has ${words} words, at most ${enWords} are allowed`);
  }
  const opening = promptEn.slice(0, OPENING_LETTERS).toLowerCase();
  const named = [garment.type, ...garment.colors].some((word) =>
    opening.includes(word.toLowerCase()),
  );
  if (!named) {
    const [colour = "its colour"] = garment.colors;
    spots.push(`promptEn: it must begin with the garment, its colour (${colour}) first`);
  }
  return spots;
}

/**
 * The draft within the limits: cut after the last whole sentence that fits. The garment stands first, so what goes
 * is of the light and the lens.
 */
export function shortenDraft(draft: PromptDraft): PromptDraft {
  const { zhCharacters, enWords } = PROMPT_LIMITS;
  const zh = charactersOf(draft.promptZh);
  const en = wordsOf(draft.promptEn);
  return {
    ...draft,
    promptZh:
      zh.length <= zhCharacters
        ? draft.promptZh
        : wholeSentences(zh.slice(0, zhCharacters).join(""), /[。！？；]/g),
    promptEn:
      en.length <= enWords && draft.promptEn.length <= EN_LETTERS_MAX
        ? draft.promptEn
        : wholeSentences(en.slice(0, enWords).join(" ").slice(0, EN_LETTERS_MAX), /[.!?](?= |$)/g),
  };
}
/** Below this share of the text a cut at a sentence's end would lose too much. */
const KEPT_SHARE_MIN = 0.5;

function wholeSentences(text: string, end: RegExp): string {
  const last = [...text.matchAll(end)].at(-1)?.index ?? -1;
  return last + 1 >= text.length * KEPT_SHARE_MIN ? text.slice(0, last + 1) : text;
}

/** As people count them: a character outside the basic plane is one. */
const charactersOf = (text: string): string[] => [...text];
const wordsOf = (text: string): string[] => text.split(/\s+/).filter((word) => word !== "");
