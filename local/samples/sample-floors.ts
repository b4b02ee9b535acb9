import sharp from "sharp";
import { darker, lighter } from "../preview/colour.ts";
import { f } from "../preview/drawing.ts";
import { rawOf, type RawPicture } from "./raw-picture.ts";
import type { Random } from "../preview/random.ts";

/** What the drawn garments lie on, 960 x 1280: oak boards, linen or pale stone. */
export async function sampleFloor(index: number, random: Random): Promise<RawPicture> {
  const draw = [oak, linen, stone][Math.abs(index) % 3] ?? oak;
  // Noise at full size would take a second; half the size keeps the look of a phone photo's floor.
  const half = draw(random).replace('width="960" height="1280"', 'width="480" height="640"');
  const { input, raw } = await rawOf(sharp(Buffer.from(half)));
  return rawOf(sharp(input, { raw }).resize(960, 1280, { fit: "fill", kernel: "cubic" }));
}

function oak(random: Random): string {
  const boards: string[] = [];
  const wide = 150;
  for (let x = -40; x < 960; x += wide) {
    let y = -random.between(0, 700);
    while (y < 1280) {
      const long = random.between(620, 980);
      const tone = lighter(random.pick(["#c9a87e", "#bf9c70", "#d2b48b", "#b89468"]), 0.12);
      boards.push(
        `<rect x="${x}" y="${f(y)}" width="${wide - 2}" height="${f(long - 3)}" fill="${tone}"/>`,
      );
      y += long;
    }
  }
  const grain = `<filter id="g" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency="0.09 0.004" numOctaves="3" seed="${Math.round(random.between(1, 90))}"/><feColorMatrix values="0 0 0 0 0.35  0 0 0 0 0.22  0 0 0 0 0.1  2.2 0 0 0 -0.8"/></filter>`;
  return page(
    grain,
    `<rect width="960" height="1280" fill="${darker("#a07f58", 0.3)}"/>${boards.join("")}<rect width="960" height="1280" filter="url(#g)" opacity="0.3"/>`,
  );
}

function linen(random: Random): string {
  const seed = Math.round(random.between(1, 90));
  const weave = `<filter id="w" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency="0.5 0.03" numOctaves="2" seed="${seed}"/><feColorMatrix values="0 0 0 0 0.4  0 0 0 0 0.36  0 0 0 0 0.3  1.5 0 0 0 -0.55"/></filter><filter id="v" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency="0.03 0.5" numOctaves="2" seed="${seed + 9}"/><feColorMatrix values="0 0 0 0 1  0 0 0 0 1  0 0 0 0 1  1.5 0 0 0 -0.55"/></filter>`;
  return page(
    weave,
    '<rect width="960" height="1280" fill="#ddd3c2"/><rect width="960" height="1280" filter="url(#w)" opacity="0.3"/><rect width="960" height="1280" filter="url(#v)" opacity="0.3"/>',
  );
}

function stone(random: Random): string {
  const seed = Math.round(random.between(1, 90));
  const cloud = `<filter id="c" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency="0.008 0.01" numOctaves="4" seed="${seed}"/><feColorMatrix values="0 0 0 0 0.45  0 0 0 0 0.46  0 0 0 0 0.48  2 0 0 0 -0.8"/></filter>`;
  const joints =
    '<path d="M-20 410L980 396M-20 1010L980 996M330 -20L344 400M660 400L672 1004" stroke="#9b9a98" stroke-width="5" fill="none"/>';
  return page(
    cloud,
    `<rect width="960" height="1280" fill="#d9dadb"/><rect width="960" height="1280" filter="url(#c)" opacity="0.4"/>${joints}`,
  );
}

function page(definitions: string, body: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="960" height="1280" viewBox="0 0 960 1280"><defs>${definitions}</defs>${body}</svg>`;
}
