import { type LabPicture, otsu } from "./cut-out-mask.ts";
import { grow } from "./mask-shape.ts";

/** GrabCut's own labels. */
const BACKGROUND = 0;
const FOREGROUND = 1;
const MAYBE_BACKGROUND = 2;
const MAYBE_FOREGROUND = 3;

const BORDER_SHARE = 0.03;

/** Start mask by place: the border is background, an ellipse round the centre is perhaps garment. */
export function ellipseStart({ width, height }: LabPicture): Uint8Array {
  return drawStart(width, height, (x, y) => {
    const radius = Math.hypot((2 * x) / width - 1, (2 * y) / height - 1);
    if (radius < 0.2) return FOREGROUND;
    return radius < 0.82 ? MAYBE_FOREGROUND : MAYBE_BACKGROUND;
  });
}

/** Start mask by colour: what is far from every colour of the border is perhaps garment. */
export function colourStart(picture: LabPicture, distances: Uint8Array): Uint8Array {
  const threshold = Math.max(otsu(distances), 8);
  return drawStart(picture.width, picture.height, (x, y) => {
    const distance = distances[y * picture.width + x] ?? 0;
    return distance > threshold ? MAYBE_FOREGROUND : MAYBE_BACKGROUND;
  });
}

/**
 * Start mask from an earlier answer: nothing inside the border is sure, and where the garment runs into the border
 * (or as near as the border is wide) neither is the border, since a hem may leave the photo.
 */
export function maskStart({ width, height }: LabPicture, mask: Uint8Array): Uint8Array {
  const border = borderWidth(width, height);
  const start = drawStart(width, height, (x, y) =>
    mask[y * width + x] === 1 ? MAYBE_FOREGROUND : MAYBE_BACKGROUND,
  );
  const within = (coordinate: number, side: number) =>
    Math.min(side - 1 - border, Math.max(border, coordinate));
  const near = grow(mask, { width, height }, border);
  for (let at = 0; at < start.length; at++) {
    if (start[at] !== BACKGROUND) continue;
    const x = within(at % width, width);
    const y = within(Math.floor(at / width), height);
    if (mask[y * width + x] === 1) start[at] = MAYBE_FOREGROUND;
    else if (near[y * width + x] === 1) start[at] = MAYBE_BACKGROUND;
  }
  return start;
}

function drawStart(
  width: number,
  height: number,
  label: (x: number, y: number) => number,
): Uint8Array {
  const border = borderWidth(width, height);
  const start = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inside = x >= border && y >= border && x < width - border && y < height - border;
      start[y * width + x] = inside ? label(x, y) : BACKGROUND;
    }
  }
  return start;
}

function borderWidth(width: number, height: number): number {
  return Math.max(2, Math.round(Math.min(width, height) * BORDER_SHARE));
}
