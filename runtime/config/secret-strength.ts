/** Fewer different characters than this are no chance: 32 random hexadecimal digits have 10 of 16 or more. */
const DIFFERENT_MIN = 9;
/** What is left without known words has to be a secret by itself. */
const LEFT_CHARS_MIN = 16;

/** What people write where a secret is asked for. */
const KNOWN_WORDS =
  /changeme|change-?it|secret|password|passw0rd|default|example|sample|placeholder|insecure|development|production|drape|jwt|token|key|admin|root|test|demo|todo|your|this|here|please|qwerty|asdf|zxcv|letmein|welcome/gi;

/**
 * Why a secret can be guessed, as a sentence's end; null for one that looks drawn by chance. It sees what people type
 * and copy, not what a program drew badly.
 */
export function weaknessOf(secret: string): string | null {
  if (new Set(secret.trim()).size < DIFFERENT_MIN) return "has too few different characters";
  if (isRepeated(secret)) return "repeats one part over and over";
  if (isRow(secret)) return "is a row of the alphabet or of digits";
  const left = secret.replaceAll(KNOWN_WORDS, "").replaceAll(/[^\p{L}\p{N}]/gu, "");
  if (left.length < LEFT_CHARS_MIN || new Set(left).size < DIFFERENT_MIN) {
    return "is made of well-known words";
  }
  return null;
}

/** From its first character to its last, the last part perhaps cut short. */
function isRepeated(secret: string): boolean {
  for (let part = 1; part <= secret.length / 2; part += 1) {
    if ([...secret].every((_, at) => secret.charAt(at) === secret.charAt(at % part))) return true;
  }
  return false;
}

/** Most characters follow the one before, upwards or downwards. */
function isRow(secret: string): boolean {
  const codes = [...secret.toLowerCase()].map((character) => character.codePointAt(0) ?? 0);
  const steps = codes.slice(1).map((code, at) => code - (codes[at] ?? 0));
  return steps.filter((step) => Math.abs(step) === 1).length > steps.length / 2;
}
