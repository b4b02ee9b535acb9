import { createDrawing, type Drawing } from "../drawing.ts";
import type { Layer } from "../layer.ts";
import type { Palette } from "./palette.ts";
import type { Random } from "../random.ts";
import type { StyleId } from "../garment/recognise.ts";

/** What a scene is told before it is drawn. Scenes draw with the light from the left. */
export interface SceneRequest {
  readonly width: number;
  readonly height: number;
  readonly random: Random;
  readonly palette: Palette;
  readonly style: StyleId;
  /** Flip everything: the light then comes from the right. */
  readonly mirrored: boolean;
  /** 0 near, 1 middle, 2 far: how much of the room is seen. */
  readonly distance: 0 | 1 | 2;
  /** Where the garment is, 0..1 across, before any mirroring. */
  readonly focus: number;
}

export interface Scene {
  /** From back to front, behind the garment; the first must cover everything. */
  readonly back: readonly Layer[];
  /** Over the garment too: light through blinds, leaves' shadows. */
  readonly over?: readonly Layer[];
  /** Height of the ground under the garment's stand, 0..1 from the top. */
  readonly floor: number;
  /** How strong the shadow on the wall behind is: 0 out of doors. */
  readonly wallShadow: number;
  /** Colour and strength (0..1) of the light that falls on the garment from the left. */
  readonly light: { readonly colour: string; readonly strength: number };
  /** What the unlit side takes on. */
  readonly ambient: string;
  readonly shadow: string;
  /** How dark the shadow on the ground is, 0..1. */
  readonly groundShadow: number;
  readonly metal: string;
  /** Without rails, stands or plinths: the plain shop picture. */
  readonly bare?: boolean;
}

/** An empty drawing of the scene's size, mirrored when asked. */
export function sheetOf(request: SceneRequest): Drawing {
  return createDrawing(request.width, request.height, request.mirrored);
}

/** Soft discs of light out of focus. */
export function bokeh(
  drawing: Drawing,
  random: Random,
  discs: {
    readonly count: number;
    readonly colours: readonly [string, ...string[]];
    readonly radius: readonly [number, number];
    readonly top: number;
    readonly bottom: number;
    readonly opacity: number;
  },
): void {
  const { width, height, unit } = drawing;
  for (let i = 0; i < discs.count; i++) {
    const radius = unit * random.between(discs.radius[0], discs.radius[1]);
    const x = random.between(-0.05, 1.05) * width;
    const y = random.between(discs.top, discs.bottom) * height;
    const colour = random.pick(discs.colours);
    const opacity = discs.opacity * random.between(0.35, 1);
    const fill = drawing.radial([
      [0, colour, opacity * 0.75],
      [0.8, colour, opacity * 0.85],
      [0.93, colour, opacity],
      [1, colour, 0],
    ]);
    drawing.circle(x, y, radius, fill);
  }
}

/** Cloudy noise over a box: plaster, sand, paper. Cheap only in a layer of small scale. */
export function mottle(
  drawing: Drawing,
  options: {
    readonly frequency: string;
    readonly octaves: number;
    readonly seed: number;
    readonly colour: string;
    readonly opacity: number;
    readonly top?: number;
    readonly contrast?: number;
  },
): void {
  const { width, height } = drawing;
  const { contrast = 2.2 } = options;
  const shift = 0.5 - contrast * 0.5;
  const filter = drawing.define(
    (id) =>
      `<filter id="${id}" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency="${options.frequency}" numOctaves="${options.octaves}" seed="${Math.round(options.seed)}"/><feColorMatrix values="0 0 0 0 0  0 0 0 0 0  0 0 0 0 0  ${contrast} 0 0 0 ${shift}" result="n"/><feFlood flood-color="${options.colour}"/><feComposite operator="in" in2="n"/></filter>`,
  );
  const y = (options.top ?? 0) * height;
  drawing.rect(
    { x: 0, y, width, height: height - y },
    "#000",
    `filter="url(#${filter})" opacity="${options.opacity}"`,
  );
}
