import { type LabPicture, otsu } from "./cut-out-mask.ts";

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

/** Start mask from an earlier answer: nothing inside the border is sure. */
export function maskStart(picture: LabPicture, mask: Uint8Array): Uint8Array {
  return drawStart(picture.width, picture.height, (x, y) =>
    mask[y * picture.width + x] === 1 ? MAYBE_FOREGROUND : MAYBE_BACKGROUND,
  );
}

function drawStart(
  width: number,
  height: number,
  label: (x: number, y: number) => number,
): Uint8Array {
  const border = Math.max(2, Math.round(Math.min(width, height) * BORDER_SHARE));
  const start = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inside = x >= border && y >= border && x < width - border && y < height - border;
      start[y * width + x] = inside ? label(x, y) : BACKGROUND;
    }
  }
  return start;
}
