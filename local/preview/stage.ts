import type { Box } from "./drawing.ts";
import type { Plan } from "./plan.ts";
import type { Subject } from "./garment/subject.ts";

/** How the subject is held in the scene and where, in pixels of the composed picture. */
export interface Stage {
  readonly mode: "hang" | "stand" | "float";
  /** The subject's box before any tilt. */
  readonly box: Box;
  /** Height of the rail, for things that hang. */
  readonly railY: number;
  /** The plinth's upper face, for things that stand. */
  readonly plinth: { readonly x: number; readonly y: number; readonly radius: number };
  readonly floorY: number;
}

const heightShares = [0.74, 0.62, 0.5] as const;
const widthShares = [0.78, 0.64, 0.5] as const;

/** Fits the subject into the picture by the plan; `bare` pictures float it in front of plain white. */
export function setStage(
  subject: Subject,
  plan: Plan,
  canvas: { readonly width: number; readonly height: number; readonly floor: number },
  bare: boolean,
): Stage {
  const { width, height } = canvas;
  const unit = Math.min(width, height);
  const mode = bare ? "float" : subject.kind === "stand" ? "stand" : "hang";
  const shrink = mode === "stand" ? 0.7 : bare ? 1.12 : 1;
  const scale =
    shrink *
    plan.scale *
    Math.min(
      (heightShares[plan.distance] * height) / subject.picture.height,
      (widthShares[plan.distance] * width) / subject.picture.width,
    );
  const size = {
    width: Math.round(subject.picture.width * scale),
    height: Math.round(subject.picture.height * scale),
  };
  const margin = mode === "stand" ? unit * 0.14 : unit * 0.05;
  const half = size.width / 2 + margin;
  // A shop picture stays near the middle; elsewhere the thirds are welcome.
  const wanted = bare ? 0.5 + (plan.x - 0.5) * 0.85 : plan.x;
  const middle =
    half * 2 > width ? width / 2 : Math.min(width - half, Math.max(half, wanted * width));
  const floorY = canvas.floor * height;
  const left = middle - size.width / 2;
  if (mode === "stand") {
    const radius = Math.max(size.width * 0.62, unit * 0.17);
    const y = Math.min(floorY - unit * 0.1, height * (0.5 + plan.rise) + size.height * 0.62);
    const levitates = size.height > size.width * 1.15;
    const lift = levitates ? unit * 0.045 : -radius * 0.07;
    const box = { x: left, y: y - lift - size.height, ...size };
    return { mode, box, railY: 0, plinth: { x: middle, y, radius }, floorY };
  }
  const hook = mode === "hang" ? unit * 0.085 : 0;
  const centre = mode === "hang" ? [0.49, 0.45, 0.43][plan.distance] : 0.5;
  const top = ((centre ?? 0.5) + plan.rise) * height - (size.height + hook) / 2;
  const railY = Math.max(unit * 0.045, top);
  const box = { x: left, y: railY + hook, ...size };
  return { mode, box, railY, plinth: { x: 0, y: 0, radius: 0 }, floorY };
}
