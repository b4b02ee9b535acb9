import sharp, { type OverlayOptions } from "sharp";
import { createDrawing, type Box } from "./drawing.ts";
import { drawClips, drawHanger } from "./hanger.ts";
import { rawInput, renderLayer, type Layer } from "./layer.ts";
import type { Palette } from "./scenes/palette.ts";
import type { Plan } from "./plan.ts";
import type { Scene } from "./scenes/scene.ts";
import { clipTo, type Placed } from "./shadow.ts";
import { castShadows } from "./cast-shadows.ts";
import { setStage, type Stage } from "./stage.ts";
import { drawPlinth, drawRack } from "./stand.ts";
import { dressSubject, type Subject } from "./garment/subject.ts";

/** Everything that one picture is made of. */
export interface Composition {
  readonly width: number;
  readonly height: number;
  readonly scene: Scene;
  readonly plan: Plan;
  readonly palette: Palette;
  /** Without a subject the rail or plinth stays empty. */
  readonly subject: Subject | undefined;
}

/** Lays scene, shadows, stand, garment and light over one another; answers raw RGB. */
export async function composePicture(
  composition: Composition,
): Promise<{ data: Uint8Array; width: number; height: number }> {
  const { width, height, scene } = composition;
  const layers = await subjectLayers(composition);
  for (const layer of scene.over ?? []) layers.push(await overlayOf(layer));
  const ground = await drawGround(scene.back, width, height);
  const data = await sharp(ground, { raw: { width, height, channels: 3 } })
    .composite(layers)
    .removeAlpha()
    .raw()
    .toBuffer();
  return { data, width, height };
}

/** Short side in pixels that the background needs at least: it is out of focus. */
const GROUND_SIDE_MIN = 620;

async function drawGround(
  [first, ...rest]: readonly Layer[],
  width: number,
  height: number,
): Promise<Uint8Array> {
  if (first === undefined) return new Uint8Array(width * height * 3).fill(255);
  const share = Math.min(1, Math.max(0.5, GROUND_SIDE_MIN / Math.min(width, height)));
  const base = await renderLayer(first, share);
  const overlays: OverlayOptions[] = [];
  for (const layer of rest) overlays.push(await overlayOf(layer, share));
  const small = await sharp(rawInput(base).input, { raw: rawInput(base).raw })
    .composite(overlays)
    .removeAlpha()
    .raw()
    .toBuffer();
  if (share === 1) return small;
  return sharp(small, { raw: { width: base.width, height: base.height, channels: 3 } })
    .resize(width, height, { fit: "fill", kernel: "cubic" })
    .raw()
    .toBuffer();
}

async function overlayOf(layer: Layer, share = 1): Promise<OverlayOptions> {
  const raster = await renderLayer(layer, share);
  return { ...rawInput(raster), blend: layer.blend ?? "over" };
}

async function subjectLayers(composition: Composition): Promise<OverlayOptions[]> {
  const { width, height, scene, plan, palette, subject } = composition;
  const lightFrom = plan.mirrored ? "right" : "left";
  const canvas = { width, height, floor: scene.floor };
  const shown = subject ?? emptySubject;
  const planned = setStage(shown, plan, canvas, scene.bare === true);
  const behind = createDrawing(width, height);
  const front = createDrawing(width, height);
  const tall =
    subject === undefined ? undefined : await dress(composition, shown, planned, lightFrom);
  const stage = tall === undefined ? planned : { ...planned, box: around(planned.box, tall) };
  if (stage.mode === "hang") drawRack(behind, stage, plan.distance, scene.metal);
  if (stage.mode === "stand") drawPlinth(behind, stage, palette.plinth, lightFrom);
  if (stage.mode === "hang" && shown.kind === "top") {
    drawHanger(behind, tall ?? shown.picture, stage, scene.metal);
  }
  if (tall !== undefined && stage.mode === "hang" && shown.kind !== "top") {
    drawClips(front, tall, stage, scene.metal);
  }
  const shadows =
    tall === undefined ? [] : await castShadows(tall, stage, { width, height, scene, lightFrom });
  const placed = tall === undefined ? [] : [{ ...tall, left: stage.box.x, top: stage.box.y }];
  const behindLayers = behind.isEmpty() ? [] : [await overlayOf({ drawing: behind })];
  const frontLayers = front.isEmpty() ? [] : [await overlayOf({ drawing: front })];
  return [
    ...overlaysOf(
      shadows.filter((shadow) => shadow.under),
      width,
      height,
    ),
    ...behindLayers,
    ...overlaysOf(
      shadows.filter((shadow) => !shadow.under),
      width,
      height,
    ),
    ...overlaysOf(placed, width, height),
    ...frontLayers,
  ];
}

function dress(
  { scene, plan }: Composition,
  subject: Subject,
  { box, mode }: Stage,
  lightFrom: "left" | "right",
) {
  return dressSubject(subject, {
    width: box.width,
    height: box.height,
    // What lies flat on white may lie askew; what hangs, hangs almost straight.
    tiltDegrees: mode === "stand" ? 0 : plan.tiltDegrees * (mode === "float" ? 6 : 1),
    lightFrom,
    light: scene.light,
    ambient: scene.ambient,
  });
}

// A tilted picture needs a larger box with the same centre.
function around(box: Box, { width, height }: { width: number; height: number }): Box {
  return {
    x: box.x - (width - box.width) / 2,
    y: box.y - (height - box.height) / 2,
    width,
    height,
  };
}

function overlaysOf(parts: readonly Placed[], width: number, height: number): OverlayOptions[] {
  return parts
    .map((part) => clipTo(part, width, height))
    .filter((part) => part !== undefined)
    .map((part) => ({ ...rawInput(part), left: part.left, top: part.top }));
}

const emptySubject: Subject = {
  picture: { data: new Uint8Array(400 * 560 * 4), width: 400, height: 560 },
  kind: "top",
  colours: [],
};
