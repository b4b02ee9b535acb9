import type { Random } from "../ports/random.ts";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

export type IdPrefix = "task" | "img" | "usr" | "trf" | "aud" | "req" | "wkr" | "whk";

/**
 * `<prefix>_` and 26 characters: 48 bits of time, so that new rows land at the end of an index, and 80 random
 * bits. Lower case, no `:` (BullMQ refuses it in job ids).
 */
export function newId(prefix: IdPrefix, nowMs: number, random: Pick<Random, "bytes">): string {
  const drawn = Buffer.from(random.bytes(10)).toString("hex");
  let value = (BigInt(nowMs) << 80n) | BigInt(`0x${drawn}`);
  let text = "";
  for (let position = 0; position < 26; position += 1) {
    text = ALPHABET.charAt(Number(value & 31n)) + text;
    value >>= 5n;
  }
  return `${prefix}_${text}`;
}
