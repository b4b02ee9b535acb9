/** Shapes of binary masks (1 = garment): cleaning, components, agreement, contact with the border. */
export interface MaskSize {
  readonly width: number;
  readonly height: number;
}

/** Opening then closing with a disc, so that specks and pinholes go and the outline stays. */
export function smoothMask(mask: Uint8Array, size: MaskSize, radius: number): Uint8Array {
  const opened = grow(shrink(mask, size, radius), size, radius);
  return close(opened, size, radius);
}

// On a wider canvas: the slit between a hem and the photo's edge is open to the outside and no gap to be closed.
function close(mask: Uint8Array, { width, height }: MaskSize, radius: number): Uint8Array {
  const margin = 2 * radius + 2;
  const wide = { width: width + 2 * margin, height: height + 2 * margin };
  const canvas = new Uint8Array(wide.width * wide.height);
  for (let y = 0; y < height; y++) {
    canvas.set(mask.subarray(y * width, (y + 1) * width), (y + margin) * wide.width + margin);
  }
  const closed = shrink(grow(canvas, wide, radius), wide, radius);
  const out = new Uint8Array(mask.length);
  for (let y = 0; y < height; y++) {
    const from = (y + margin) * wide.width + margin;
    out.set(closed.subarray(from, from + width), y * width);
  }
  return out;
}

export function shrink(mask: Uint8Array, size: MaskSize, radius: number): Uint8Array {
  return reach(mask, size, radius, 0);
}

export function grow(mask: Uint8Array, size: MaskSize, radius: number): Uint8Array {
  return reach(mask, size, radius, 1);
}

// A pixel takes `value` when any pixel of the disc round it has that value.
function reach(mask: Uint8Array, size: MaskSize, radius: number, value: number): Uint8Array {
  const { width, height } = size;
  const rows: (readonly [number, number])[] = [];
  for (let dy = -radius; dy <= radius; dy++) {
    rows.push([dy, Math.floor(Math.sqrt((radius + 0.5) ** 2 - dy * dy))]);
  }
  const out = Uint8Array.from(mask);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (mask[y * width + x] !== value || !isEdge(mask, size, x, y)) continue;
      for (const [dy, half] of rows) {
        if (y + dy < 0 || y + dy >= height) continue;
        const from = (y + dy) * width;
        out.fill(value, from + Math.max(0, x - half), from + Math.min(width - 1, x + half) + 1);
      }
    }
  }
  return out;
}

function isEdge(mask: Uint8Array, { width }: MaskSize, x: number, y: number): boolean {
  const at = y * width + x;
  const value = mask[at];
  return (
    (x > 0 && mask[at - 1] !== value) ||
    (x < width - 1 && mask[at + 1] !== value) ||
    (mask[at - width] ?? value) !== value ||
    (mask[at + width] ?? value) !== value
  );
}

/** The connected areas (4 neighbours) of one value, each as the list of its pixels. */
export function components(
  mask: Uint8Array,
  { width, height }: MaskSize,
  value: 0 | 1,
): number[][] {
  const seen = new Uint8Array(mask.length);
  const found: number[][] = [];
  for (let seed = 0; seed < mask.length; seed++) {
    if (mask[seed] !== value || seen[seed] === 1) continue;
    const pixels = [seed];
    seen[seed] = 1;
    for (let read = 0; read < pixels.length; read++) {
      const at = pixels[read] ?? 0;
      const x = at % width;
      const near = [x > 0 ? at - 1 : -1, x < width - 1 ? at + 1 : -1, at - width, at + width];
      for (const next of near) {
        if (next < 0 || next >= width * height) continue;
        if (mask[next] !== value || seen[next] === 1) continue;
        seen[next] = 1;
        pixels.push(next);
      }
    }
    found.push(pixels);
  }
  return found;
}

/** A copy of the mask in which these areas have that value. */
export function paintAreas(
  mask: Uint8Array,
  areas: readonly (readonly number[])[],
  value: 0 | 1,
): Uint8Array {
  const out = Uint8Array.from(mask);
  for (const area of areas) for (const at of area) out[at] = value;
  return out;
}

/** Drops the parts that are much smaller than the largest one: a pair of shoes has two large parts. */
export function keepLargeParts(mask: Uint8Array, size: MaskSize, minShare: number): Uint8Array {
  const parts = components(mask, size, 1);
  const least = Math.max(0, ...parts.map((part) => part.length)) * minShare;
  return paintAreas(
    mask,
    parts.filter((part) => part.length < least),
    0,
  );
}

/** Intersection over union of two masks; 1 when both are empty. */
export function agreement(a: Uint8Array, b: Uint8Array): number {
  let both = 0;
  let either = 0;
  for (let i = 0; i < a.length; i++) {
    const sum = (a[i] ?? 0) + (b[i] ?? 0);
    if (sum === 2) both++;
    if (sum > 0) either++;
  }
  return either === 0 ? 1 : both / either;
}

/** Share of the picture that the mask covers. */
export function areaShare(mask: Uint8Array): number {
  let area = 0;
  for (const value of mask) area += value;
  return area / mask.length;
}

/** Share of the picture's outline (a few pixels inside it) that the mask touches. */
export function borderContact(mask: Uint8Array, { width, height }: MaskSize): number {
  const inset = Math.max(3, Math.round(Math.min(width, height) * 0.035));
  let touched = 0;
  let count = 0;
  for (let x = inset; x < width - inset; x++) {
    touched += (mask[inset * width + x] ?? 0) + (mask[(height - 1 - inset) * width + x] ?? 0);
    count += 2;
  }
  for (let y = inset; y < height - inset; y++) {
    touched += (mask[y * width + inset] ?? 0) + (mask[y * width + width - 1 - inset] ?? 0);
    count += 2;
  }
  return touched / count;
}

/** Mean of the values at these pixels. */
export function mean(area: readonly number[], values: Uint8Array): number {
  let sum = 0;
  for (const at of area) sum += values[at] ?? 0;
  return sum / area.length;
}

/** Smallest box that holds the mask, or undefined for an empty mask. */
export function boundingBox(
  mask: Uint8Array,
  { width, height }: MaskSize,
): { left: number; top: number; width: number; height: number } | undefined {
  let left = width;
  let right = -1;
  let top = height;
  let bottom = -1;
  for (let at = 0; at < mask.length; at++) {
    if (mask[at] !== 1) continue;
    const x = at % width;
    const y = (at - x) / width;
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = y;
  }
  if (right < left || bottom < top) return undefined;
  return { left, top, width: right - left + 1, height: bottom - top + 1 };
}
