import sharp from "sharp";
import { darker, lighter, mix } from "../preview/colour.ts";
import { f } from "../preview/drawing.ts";
import { createRandom, type Random } from "../preview/random.ts";
import { rawOf, type RawPicture } from "./raw-picture.ts";
import { sampleFloor } from "./sample-floors.ts";
import { sampleKinds, sampleShapes, type SampleKind, type SampleShape } from "./sample-shapes.ts";

const SAMPLE_SIZE = { width: 960, height: 1280 } as const;

const cloths = [
  { name: "red", colour: "#b3262b" },
  { name: "navy", colour: "#22335c" },
  { name: "mustard", colour: "#cf9a2c" },
  { name: "green", colour: "#3f6b4a" },
  { name: "blue", colour: "#2f62b3" },
  { name: "plum", colour: "#6e3158" },
] as const;

/** Name of the cloth's colour for an index; indexes repeat after the last colour. */
export function sampleColour(index: number): string {
  return clothOf(index).name;
}

/**
 * A garment photo drawn by this project: JPEG, 960 x 1280, a garment of the kind lying on a floor as in a
 * seller's phone photo. The same kind and index give the same picture; the index picks cloth and floor.
 */
export async function drawSampleGarment(kind: SampleKind, index: number): Promise<Uint8Array> {
  const random = createRandom(sampleKinds.indexOf(kind), index, 5);
  const floor = await sampleFloor(index, random);
  const shape = sampleShapes[kind];
  const { colour } = clothOf(index);
  const shadow = await drawSmall(
    `<path d="${shape.outline}" fill="#1a120c" opacity="0.44" transform="translate(7 13)"/>`,
    15,
  );
  const garment = await rawOf(
    sharp(Buffer.from(page(garmentBody(shape, colour)))).composite([
      { ...(await drawSmall(foldsBody(shape, colour, random), 9)), blend: "atop" },
      { ...(await drawSmall(crumpleBody(index), 0)), blend: "atop" },
      { input: Buffer.from(page(sewnBody(shape, colour))), blend: "atop" },
    ]),
  );
  const lying = await rawOf(sharp(shadow.input, { raw: shadow.raw }).composite([garment]));
  return sharp(floor.input, { raw: floor.raw })
    .composite([await tilted(lying, index), { input: Buffer.from(page(lightBody)) }])
    .jpeg({ quality: 90 })
    .toBuffer();
}

const lightBody =
  '<defs><radialGradient id="l" cx="0.3" cy="0.2" r="1.05"><stop offset="0" stop-color="#fff" stop-opacity="0.2"/><stop offset="0.5" stop-color="#fff" stop-opacity="0"/><stop offset="1" stop-color="#140d08" stop-opacity="0.3"/></radialGradient></defs><rect width="960" height="1280" fill="url(#l)"/>';

/** The true outline of a drawn garment: one byte a pixel, 1 = garment, 960 x 1280. */
export async function drawSampleMask(kind: SampleKind, index: number): Promise<Uint8Array> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="960" height="1280"><rect width="960" height="1280" fill="#000"/><path d="${sampleShapes[kind].outline}" fill="#fff" transform="rotate(${tiltOf(index)} 480 640)"/></svg>`;
  const { data, info } = await sharp(Buffer.from(svg)).raw().toBuffer({ resolveWithObject: true });
  return Uint8Array.from({ length: info.width * info.height }, (_, at) =>
    (data[at * info.channels] ?? 0) > 127 ? 1 : 0,
  );
}

function clothOf(index: number) {
  return cloths[Math.abs(Math.trunc(index)) % cloths.length] ?? cloths[0];
}

function tiltOf(index: number): number {
  return [-1.5, 2, -2.5, 1, 2.5, -1][Math.abs(index) % 6] ?? 0;
}

// Turned about the middle, as pixels: SVG filters under a rotation are slow.
async function tilted({ input, raw }: RawPicture, index: number): Promise<RawPicture> {
  const { width, height } = SAMPLE_SIZE;
  const turned = await rawOf(
    sharp(input, { raw }).rotate(tiltOf(index), { background: { r: 0, g: 0, b: 0, alpha: 0 } }),
  );
  const left = Math.round((turned.raw.width - width) / 2);
  const top = Math.round((turned.raw.height - height) / 2);
  return rawOf(sharp(turned.input, { raw: turned.raw }).extract({ left, top, width, height }));
}

function page(body: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="960" height="1280" viewBox="0 0 960 1280">${body}</svg>`;
}

// Blurred and noisy things are drawn at a third of the size: SVG filters at full size take a second.
async function drawSmall(body: string, sigma: number): Promise<RawPicture> {
  const svg = page(body).replace('width="960" height="1280"', 'width="320" height="427"');
  const small = sharp(Buffer.from(svg));
  const { input, raw } = await rawOf(sigma > 0 ? small.blur(sigma / 3) : small);
  const { width, height } = SAMPLE_SIZE;
  return rawOf(sharp(input, { raw }).resize(width, height, { fit: "fill", kernel: "cubic" }));
}

function garmentBody({ outline }: SampleShape, colour: string): string {
  return `<defs><linearGradient id="c" x1="0.1" y1="0" x2="0.9" y2="1"><stop offset="0" stop-color="${lighter(colour, 0.14)}"/><stop offset="0.45" stop-color="${colour}"/><stop offset="1" stop-color="${darker(colour, 0.2)}"/></linearGradient></defs><path d="${outline}" fill="url(#c)"/>`;
}

function foldsBody({ folds, outline }: SampleShape, colour: string, random: Random): string {
  const dark = darker(colour, 0.5);
  const bright = lighter(colour, 0.3);
  const strokes = folds.map((d) => {
    const wide = random.between(20, 38);
    const shift = `transform="translate(${f(wide * 0.8)} 0)"`;
    return `<path d="${d}" stroke="${dark}" stroke-opacity="0.5" stroke-width="${f(wide)}"/><path d="${d}" stroke="${bright}" stroke-opacity="0.38" stroke-width="${f(wide * 0.7)}" ${shift}/>`;
  });
  const rim = `<path d="${outline}" stroke="${darker(colour, 0.6)}" stroke-opacity="0.5" stroke-width="14"/>`;
  return `<g fill="none" stroke-linecap="round">${strokes.join("")}${rim}</g>`;
}

function crumpleBody(index: number): string {
  const noise = `<feTurbulence type="fractalNoise" baseFrequency="0.006 0.009" numOctaves="4" seed="${Math.abs(index) + 40}"/><feColorMatrix values="0 0 0 0 0  0 0 0 0 0  0 0 0 0 0  3 0 0 0 -1.3"/>`;
  return `<defs><filter id="n" x="0" y="0" width="1" height="1">${noise}</filter></defs><rect width="960" height="1280" filter="url(#n)" opacity="0.12"/>`;
}

function sewnBody(shape: SampleShape, colour: string): string {
  const dark = darker(colour, 0.5);
  const bright = lighter(colour, 0.3);
  const darks = shape.darks.map(
    (d) =>
      `<path d="${d}" fill="${mix(colour, dark, 0.5)}" stroke="${dark}" stroke-opacity="0.5" stroke-width="2"/>`,
  );
  const seams = shape.seams.map(
    (d) =>
      `<path d="${d}" stroke="${dark}" stroke-opacity="0.6" stroke-width="3"/><path d="${d}" stroke="${bright}" stroke-opacity="0.8" stroke-width="2" stroke-dasharray="9 5" transform="translate(0 -7)"/>`,
  );
  const lines = shape.lines.map(
    (d) =>
      `<path d="${d}" stroke="${dark}" stroke-opacity="0.75" stroke-width="4"/><path d="${d}" stroke="${bright}" stroke-opacity="0.3" stroke-width="2" transform="translate(3 1)"/>`,
  );
  return `<g fill="none" stroke-linecap="round">${[...darks, ...seams, ...lines].join("")}</g>`;
}
