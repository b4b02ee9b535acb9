import { expect, test } from "bun:test";
import sharp from "sharp";
import { CUT_OUT_TRUST, cutOutGarment } from "./cut-out.ts";
import { labBytes } from "./lab.ts";
import { isOwnPart } from "./own-parts.ts";

const SIZE = { width: 300, height: 400 } as const;

/** An ochre shirt on a grey wall whose left sleeve hangs in the shade, on a hanger as brown as that sleeve. */
function shadedSleeve(shade: string): Promise<Buffer> {
  const body =
    "M100 60 L200 60 L260 170 L225 185 L215 130 L215 330 L85 330 L85 130 L75 185 L40 170 Z";
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${SIZE.width}" height="${SIZE.height}">
    <rect width="300" height="400" fill="#b0b0b0"/>
    <path d="M150 0 V40 L90 80 M150 40 L210 80" stroke="#4a3a20" stroke-width="9" fill="none"/>
    <path d="${body}" fill="#c99a1f"/>
    <path d="M100 70 L40 170 L75 185 L85 130 Z" fill="${shade}"/></svg>`;
  return sharp(Buffer.from(svg)).jpeg().toBuffer();
}

test.each(["#6b4a10", "#745512"])(
  "a sleeve in the shade (%s) stays on its shirt",
  async (shade) => {
    const cut = await cutOutGarment(await shadedSleeve(shade));

    const alpha = (x: number, y: number) => cut.rgba[4 * (y * SIZE.width + x) + 3] ?? -1;
    expect([alpha(62, 160), alpha(80, 110), alpha(235, 160)]).toEqual([255, 255, 255]);
    expect([alpha(20, 200), alpha(150, 370)]).toEqual([0, 0]);
    expect(cut.confidence).toBeGreaterThanOrEqual(CUT_OUT_TRUST);
  },
);

/** A row of garment pixels and then the part, each pixel of one colour. */
function judged(garment: string, part: string, distance: number): boolean {
  const rgb = [garment, part].flatMap((hex) =>
    Array.from({ length: 30 }, () => [...Buffer.from(hex.slice(1), "hex")]).flat(),
  );
  const picture = { lab: labBytes(Uint8Array.from(rgb)), width: 60, height: 1 };
  const mask = Uint8Array.from({ length: 60 }, (_, at) => (at < 30 ? 1 : 0));
  const distances = new Uint8Array(60).fill(distance);
  return isOwnPart(
    Array.from({ length: 30 }, (_, at) => at + 30),
    { picture, mask, distances },
  );
}

test("shade is own; another hue, a colour of the border and grey are not", () => {
  const verdicts = {
    shade: judged("#c99a1f", "#745512", 30),
    otherHue: judged("#c99a1f", "#8a2433", 30),
    likeTheBorder: judged("#c99a1f", "#745512", 8),
    greyByGrey: judged("#909090", "#3a3a3a", 30),
  };

  expect(verdicts).toEqual({
    shade: true,
    otherHue: false,
    likeTheBorder: false,
    greyByGrey: false,
  });
});
