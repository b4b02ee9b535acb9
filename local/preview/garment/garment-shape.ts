import type { Raster } from "../layer.ts";
import type { GarmentKind } from "./recognise.ts";

/** Columns that the garment fills in one row, in pixels; undefined for an empty row. */
export interface Span {
  readonly left: number;
  readonly right: number;
}

export function rowSpan({ data, width }: Raster, y: number): Span | undefined {
  let left = -1;
  let right = -1;
  for (let x = 0; x < width; x++) {
    if ((data[(y * width + x) * 4 + 3] ?? 0) < 128) continue;
    if (left < 0) left = x;
    right = x;
  }
  return left < 0 ? undefined : { left, right };
}

/** The first opaque pixel from the top in a column; the height when there is none. */
export function columnTop({ data, width, height }: Raster, x: number): number {
  for (let y = 0; y < height; y++) {
    if ((data[(y * width + Math.round(x)) * 4 + 3] ?? 0) >= 128) return y;
  }
  return height;
}

/** Middle of the garment near its top edge: where a hanger's hook belongs. */
export function topCentre(garment: Raster): number {
  const spans = Array.from({ length: 8 }, (_, i) =>
    rowSpan(garment, Math.round(garment.height * (0.01 + 0.012 * i))),
  ).filter((span) => span !== undefined);
  const sum = spans.reduce((total, span) => total + (span.left + span.right) / 2, 0);
  const mean = spans.length === 0 ? garment.width / 2 : sum / spans.length;
  const middle = garment.width / 2;
  return middle + Math.max(-0.12, Math.min(0.12, (mean - middle) / garment.width)) * garment.width;
}

/** True when the photo's own hanger came along: a narrow stalk on top. */
export function hasHook(garment: Raster): boolean {
  return [0.012, 0.024, 0.036].every((share) => {
    const span = rowSpan(garment, Math.round(garment.height * share));
    return span === undefined || span.right - span.left < garment.width * 0.16;
  });
}

/**
 * Guesses from the outline how to show a garment; a word in the prompt is always better. Rules of thumb:
 * sleeves make the upper part wider, legs leave a gap, skirts widen evenly, caps are round and full.
 */
export function guessKind(garment: Raster): GarmentKind {
  const aspect = garment.height / garment.width;
  const share = (row: number) => spanShare(garment, row);
  if (isPair(garment)) return "stand";
  if (hasLegs(garment)) return "bottom";
  if (share(0.25) > share(0.7) * 1.12) return "top";
  const filled = fill(garment);
  const round = share(0.02) < 0.3 && filled > 0.765 && share(0.95) < 0.7 && aspect < 1.45;
  if (round || (share(0.02) < 0.46 && filled > 0.765 && aspect < 1)) return "stand";
  if (aspect < 0.8 && share(0.02) < 0.2 && share(0.95) < 0.3) return "stand";
  const straightTop = share(0.02) > 0.45 && share(0.1) > share(0.05) - 0.02;
  if (straightTop && aspect > 0.6 && aspect < 1.5 && evenWidening(garment)) return "bottom";
  return "top";
}

/** Two separate things side by side, as shoes are. */
export function isPair(garment: Raster): boolean {
  return [0.3, 0.45, 0.6, 0.75].every((row) => hasGap(garment, row));
}

/** Two legs: an opening in the middle of the lower rows. */
export function hasLegs(garment: Raster): boolean {
  return [0.72, 0.8, 0.88].every((row) => hasGap(garment, row));
}

function hasGap(garment: Raster, row: number): boolean {
  const y = Math.round(garment.height * row);
  const span = rowSpan(garment, y);
  if (span === undefined) return false;
  const gap = widestGap(garment, y, span);
  const middle = gap.at / garment.width;
  return gap.width > garment.width * 0.035 && middle > 0.3 && middle < 0.7;
}

/** Share of the bounding box that is garment. */
function fill({ data, width, height }: Raster): number {
  let area = 0;
  for (let at = 3; at < data.length; at += 4) if ((data[at] ?? 0) >= 128) area++;
  return area / (width * height);
}

/** Width of the garment in a row as a share of its box. */
export function spanShare(garment: Raster, rowShare: number): number {
  const span = rowSpan(garment, Math.round((garment.height - 1) * rowShare));
  return span === undefined ? 0 : (span.right - span.left + 1) / garment.width;
}

function evenWidening(garment: Raster): boolean {
  const rows = [0.08, 0.25, 0.45, 0.65, 0.85].map((share) => spanShare(garment, share));
  return rows.every((share, i) => i === 0 || share > (rows[i - 1] ?? 0) - 0.03);
}

function widestGap({ data, width }: Raster, y: number, { left, right }: Span) {
  let best = { width: 0, at: 0 };
  let run = 0;
  for (let x = left; x <= right; x++) {
    run = (data[(y * width + x) * 4 + 3] ?? 0) < 60 ? run + 1 : 0;
    if (run > best.width) best = { width: run, at: x - run / 2 };
  }
  return best;
}
