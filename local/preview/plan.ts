import type { Random } from "./random.ts";

/** Where the subject goes and how near the camera is. */
export interface Plan {
  readonly distance: 0 | 1 | 2;
  /** Centre of the subject across the final picture, 0..1. */
  readonly x: number;
  readonly mirrored: boolean;
  readonly tiltDegrees: number;
  /** Moved up (negative) or down, as a share of the height. */
  readonly rise: number;
  /** Size against the usual one of its distance. */
  readonly scale: number;
}

// Neighbours differ in distance and in side at once, so that pictures of one task never look alike.
const layouts = [
  { distance: 0, x: 0.5 },
  { distance: 2, x: 0.3 },
  { distance: 1, x: 0.66 },
  { distance: 0, x: 0.37 },
  { distance: 2, x: 0.67 },
  { distance: 1, x: 0.36 },
  { distance: 0, x: 0.62 },
] as const;

/** The plan of the picture number `seed` for a photo; `base` (from the photo) moves the order about. */
export function planPicture(seed: number, base: number, random: Random): Plan {
  const at = Math.abs(Math.trunc(seed)) + (base % layouts.length);
  const layout = layouts[at % layouts.length] ?? layouts[0];
  const round = Math.floor(at / layouts.length);
  return {
    distance: layout.distance,
    x: layout.x + random.between(-0.09, 0.09),
    mirrored: (at + round + (base >> 4)) % 2 === 1,
    tiltDegrees: random.between(-1.6, 1.6),
    scale: random.between(0.8, 1.08),
    rise: random.between(-0.06, 0.06),
  };
}
