import sharp from "sharp";
import { choosePalette } from "./scenes/palette.ts";
import { composePicture } from "./compose.ts";
import { createCutOutCache, hashOf, type CutOutCache } from "./garment/cut-out-cache.ts";
import { drawScene } from "./scenes/draw-scene.ts";
import { gradePicture } from "./grade.ts";
import { planPicture } from "./plan.ts";
import { createRandom } from "./random.ts";
import { recognise } from "./garment/recognise.ts";
import { subjectOf } from "./garment/subject.ts";

export interface PreviewRequest {
  /** Garment photos, the main one first; the seeds show them in turn. None gives an empty rail. */
  readonly photos: readonly Uint8Array[];
  /** Scene, style and kind of garment are read out of this text, Chinese or English. */
  readonly prompt: string;
  /** Pixels, exactly; sides 256 to 8192, ratio 1/3 to 3 looks best. */
  readonly width: number;
  readonly height: number;
  /** Pictures of one photo with other seeds differ clearly; the same seed gives the same picture. */
  readonly seed: number;
}

/** Composed at this many pixels at most and enlarged from there. */
const COMPOSED_PIXELS_MAX = 2_100_000;

/**
 * A preview from the seller's own photo: the garment cut out and hung in a drawn scene. Answers a JPEG.
 * It shows no people and invents nothing about the garment. Hand in a cache to cut each photo once.
 */
export async function makePreview(
  request: PreviewRequest,
  cutOuts: CutOutCache = createCutOutCache(1),
): Promise<Uint8Array> {
  const { width, height, seed, prompt } = request;
  const which = request.photos.length === 0 ? 0 : seed % request.photos.length;
  const photo = request.photos[which];
  const wanted = recognise(prompt);
  // The prompt describes the main garment; how another one is shown is told by its outline.
  const kind = which === 0 ? wanted.garment : undefined;
  const base = photo === undefined ? 5 : Number.parseInt(hashOf(photo).slice(0, 7), 16);
  const random = createRandom(base, seed, 11);
  const subject =
    photo === undefined ? undefined : await subjectOf(photo, await cutOuts.cutOut(photo), kind);
  const plan = planPicture(seed, base, random);
  const shrink = Math.min(1, Math.sqrt(COMPOSED_PIXELS_MAX / (width * height)));
  const size = { width: Math.round(width * shrink), height: Math.round(height * shrink) };
  const palette = choosePalette(subject?.colours ?? [], wanted.style, random);
  const focus = plan.mirrored ? 1 - plan.x : plan.x;
  const { mirrored, distance } = plan;
  const { style } = wanted;
  const scene = drawScene(wanted.scene, {
    ...size,
    random,
    palette,
    style,
    mirrored,
    distance,
    focus,
  });
  const picture = await composePicture({ ...size, scene, plan, palette, subject });
  const graded = await gradePicture(picture, style, scene.bare === true, base + seed);
  if (shrink === 1) return graded.jpeg({ quality: 90 }).toBuffer();
  const { data, info } = await graded.raw().toBuffer({ resolveWithObject: true });
  return sharp(data, { raw: { width: info.width, height: info.height, channels: 3 } })
    .resize(width, height, { fit: "fill", kernel: "lanczos3" })
    .jpeg({ quality: 90 })
    .toBuffer();
}
