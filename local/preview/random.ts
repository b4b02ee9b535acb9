/** A repeatable source of chance: the same seed words give the same picture. */
export interface Random {
  /** A number from `from` (inclusive) to `to`. */
  between(from: number, to: number): number;
  /** One of the list, which must not be empty. */
  pick<T>(list: readonly [T, ...T[]]): T;
  /** True in `share` of the calls. */
  chance(share: number): boolean;
}

export function createRandom(...words: readonly number[]): Random {
  let state = 0x9e3779b9;
  for (const word of words) state = Math.imul(state ^ word, 0x85ebca6b) ^ (state >>> 13);
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  return {
    between: (from, to) => from + next() * (to - from),
    pick: (list) => list[Math.floor(next() * list.length)] ?? list[0],
    chance: (share) => next() < share,
  };
}
