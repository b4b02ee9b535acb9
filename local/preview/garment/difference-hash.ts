import sharp from "sharp";

/** dHash: 64 bits that say where a picture gets darker from left to right, on a grid of 9 x 8. */
export async function differenceHash(picture: Uint8Array): Promise<bigint> {
  const gray = await sharp(picture)
    .resize(9, 8, { fit: "fill" })
    .grayscale()
    .toColourspace("b-w")
    .raw()
    .toBuffer();
  let hash = 0n;
  for (let row = 0; row < 8; row++) {
    for (let column = 0; column < 8; column++) {
      const at = row * 9 + column;
      hash = (hash << 1n) | ((gray[at] ?? 0) > (gray[at + 1] ?? 0) ? 1n : 0n);
    }
  }
  return hash;
}

/** How many of the 64 bits differ. */
export function hashDistance(one: bigint, other: bigint): number {
  let rest = one ^ other;
  let count = 0;
  while (rest > 0n) {
    count += Number(rest & 1n);
    rest >>= 1n;
  }
  return count;
}
