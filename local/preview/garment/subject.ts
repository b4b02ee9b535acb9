import sharp from "sharp";
import {
  CUT_OUT_TRUST,
  type CutOut,
} from "../../../scf-functions/ai-image-processor/cut-out/cut-out.ts";
import { f } from "../drawing.ts";
import { garmentColours, type GarmentColour } from "./garment-colours.ts";
import { guessKind } from "./garment-shape.ts";
import { rawInput, type Raster } from "../layer.ts";
import type { GarmentKind } from "./recognise.ts";

/** What is put into the scene: the garment by itself, or the whole photo as a print. */
export interface Subject {
  /** RGBA, cropped to what is opaque. */
  readonly picture: Raster;
  readonly kind: GarmentKind | "print";
  readonly colours: readonly GarmentColour[];
}

/** The cut garment, or, when the cut is not to be trusted, the photo as a print with a white border. */
export async function subjectOf(
  photo: Uint8Array,
  cut: CutOut,
  named: GarmentKind | undefined,
): Promise<Subject> {
  const picture = await cropToBox(cut);
  const colours = garmentColours(picture);
  if (cut.confidence < CUT_OUT_TRUST) {
    return { picture: await mountPrint(photo), kind: "print", colours };
  }
  return { picture, kind: named ?? guessKind(picture), colours };
}

async function cropToBox({ rgba, width, height, box }: CutOut): Promise<Raster> {
  const data = await sharp(rgba, { raw: { width, height, channels: 4 } })
    .extract(box)
    .raw()
    .toBuffer();
  return { data, width: box.width, height: box.height };
}

const PRINT_SIDE = 1100;

// An honest way out: the seller's own photo, printed and hung up, keeps every detail of the garment.
async function mountPrint(photo: Uint8Array): Promise<Raster> {
  const inner = await sharp(photo)
    .rotate()
    .resize(PRINT_SIDE, PRINT_SIDE, { fit: "inside" })
    .toColourspace("srgb")
    .removeAlpha()
    .toBuffer({ resolveWithObject: true });
  const border = Math.round(Math.max(inner.info.width, inner.info.height) * 0.035);
  const width = inner.info.width + 2 * border;
  const height = inner.info.height + Math.round(border * 3.1);
  const paper = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><defs><linearGradient id="p" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="#fdfcf9"/><stop offset="1" stop-color="#efece5"/></linearGradient></defs><rect width="${width}" height="${height}" rx="${f(border * 0.18)}" fill="url(#p)"/><rect x="${border - 2}" y="${border - 2}" width="${inner.info.width + 4}" height="${inner.info.height + 4}" fill="#000" opacity="0.12"/></svg>`;
  const { data, info } = await sharp(Buffer.from(paper))
    .composite([{ input: inner.data, left: border, top: border }])
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** The subject at another size, turned by a few degrees, relit from one side. */
export async function dressSubject(
  subject: Subject,
  options: {
    readonly width: number;
    readonly height: number;
    readonly tiltDegrees: number;
    readonly lightFrom: "left" | "right";
    readonly light: { readonly colour: string; readonly strength: number };
    readonly ambient: string;
  },
): Promise<Raster> {
  const { width, height } = options;
  const gain = subject.kind === "print" ? 1 : exposureGain(subject.picture);
  const sized = await sharp(rawInput(subject.picture).input, {
    raw: rawInput(subject.picture).raw,
  })
    .resize(width, height, { fit: "fill", kernel: "lanczos3" })
    .linear([gain, gain, gain, 1], [0, 0, 0, 0])
    .sharpen({ sigma: 1.1, m1: 0.4, m2: 1.6 })
    .raw()
    .toBuffer();
  const lit = await sharp(sized, { raw: { width, height, channels: 4 } })
    .composite([{ input: Buffer.from(lightSvg(options)), blend: "atop" }])
    .raw()
    .toBuffer();
  if (Math.abs(options.tiltDegrees) < 0.05) return { data: lit, width, height };
  const turned = await sharp(lit, { raw: { width, height, channels: 4 } })
    .rotate(options.tiltDegrees, { background: { r: 0, g: 0, b: 0, alpha: 0 } })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data: turned.data, width: turned.info.width, height: turned.info.height };
}

// Phone photos in dim rooms are dull: brighten a little, never so much that the colour changes.
function exposureGain({ data }: Raster): number {
  const histogram = new Uint32Array(256);
  let count = 0;
  for (let at = 0; at < data.length; at += 16) {
    if ((data[at + 3] ?? 0) < 200) continue;
    const level = Math.max(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0);
    histogram[level] = (histogram[level] ?? 0) + 1;
    count++;
  }
  let above = count * 0.06;
  let level = 255;
  while (level > 1 && above > 0) above -= histogram[level--] ?? 0;
  return Math.min(1.28, Math.max(1, 205 / (level + 1)));
}

function lightSvg(options: {
  readonly width: number;
  readonly height: number;
  readonly lightFrom: "left" | "right";
  readonly light: { readonly colour: string; readonly strength: number };
  readonly ambient: string;
}): string {
  const { width, height, light, ambient } = options;
  const [x1, x2] = options.lightFrom === "left" ? [0, 1] : [1, 0];
  const bright = f(0.2 * light.strength);
  const dark = f(0.34 * light.strength);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><defs><linearGradient id="a" x1="${x1}" y1="0.05" x2="${x2}" y2="0.5"><stop offset="0" stop-color="${light.colour}" stop-opacity="${bright}"/><stop offset="0.42" stop-color="${light.colour}" stop-opacity="0"/><stop offset="0.55" stop-color="${ambient}" stop-opacity="0"/><stop offset="1" stop-color="${ambient}" stop-opacity="${dark}"/></linearGradient><linearGradient id="b" x1="0" y1="0" x2="0" y2="1"><stop offset="0.55" stop-color="${ambient}" stop-opacity="0"/><stop offset="1" stop-color="${ambient}" stop-opacity="${f(0.24 * light.strength)}"/></linearGradient></defs><rect width="${width}" height="${height}" fill="url(#a)"/><rect width="${width}" height="${height}" fill="url(#b)"/></svg>`;
}
