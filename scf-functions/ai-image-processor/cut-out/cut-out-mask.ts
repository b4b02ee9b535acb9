import type { Mat, OpenCv } from "./opencv-module.ts";

/** A small picture in Lab, three bytes a pixel, and the masks made from it (1 = garment). */
export interface LabPicture {
  readonly lab: Uint8Array;
  readonly width: number;
  readonly height: number;
}

const ITERATIONS = 4;
const SAMPLES_MIN = 20;

/** Runs GrabCut from a start mask; answers 1 for garment, 0 for the rest. */
export function grabCut(cv: OpenCv, picture: LabPicture, start: Uint8Array): Uint8Array {
  // GrabCut throws when one side has nothing to learn from: then there is no garment to find.
  const hopeful = start.reduce((count, label) => count + (label & 1), 0);
  if (hopeful < SAMPLES_MIN) return new Uint8Array(start.length);
  const owned: Mat[] = [];
  const own = <M extends Mat>(mat: M): M => (owned.push(mat), mat);
  try {
    const image = own(new cv.Mat(picture.height, picture.width, cv.CV_8UC3));
    image.data.set(picture.lab);
    const mask = own(new cv.Mat(picture.height, picture.width, cv.CV_8UC1));
    mask.data.set(start);
    const background = own(new cv.Mat());
    const foreground = own(new cv.Mat());
    const nowhere = new cv.Rect(0, 0, 1, 1);
    // Its first clusters are random: the same photo must give the same cut every time.
    cv.setRNGSeed(1);
    cv.grabCut(image, mask, nowhere, background, foreground, ITERATIONS, cv.GC_INIT_WITH_MASK);
    return new Uint8Array(mask.data).map((label) => label & 1);
  } catch (error) {
    // OpenCV's own errors arrive as numbers; they mean that one side ran empty on the way.
    if (typeof error === "number") return new Uint8Array(start.length);
    throw error;
  } finally {
    for (const mat of owned) mat.delete();
  }
}

/** Distance of each pixel to the nearest of six colours found along the border, 0..255. */
export function borderDistances({ lab, width, height }: LabPicture): Uint8Array {
  const band = Math.max(3, Math.round(Math.min(width, height) * 0.05));
  const samples: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inside = x >= band && y >= band && x < width - band && y < height - band;
      if (!inside && (x + y * 3) % 7 === 0) samples.push((y * width + x) * 3);
    }
  }
  const centres = clusterColours(lab, samples, 6);
  const distances = new Uint8Array(width * height);
  for (let i = 0; i < distances.length; i++) {
    let nearest = 255;
    for (const centre of centres) {
      const distance = labDistance(lab, i * 3, centre);
      if (distance < nearest) nearest = distance;
    }
    distances[i] = nearest;
  }
  return distances;
}

export type Colour = readonly [number, number, number];

// Lightness counts half: shadows on the floor are not the garment.
function labDistance(lab: Uint8Array, at: number, [l, a, b]: Colour): number {
  const dl = ((lab[at] ?? 0) - l) * 0.5;
  const da = (lab[at + 1] ?? 0) - a;
  const db = (lab[at + 2] ?? 0) - b;
  return Math.sqrt(dl * dl + da * da + db * db);
}

// Plain k-means with spread starting points; 6 rounds are enough for a threshold.
export function clusterColours(
  lab: Uint8Array,
  samples: readonly number[],
  count: number,
): Colour[] {
  const at = (sample: number): Colour => [
    lab[sample] ?? 0,
    lab[sample + 1] ?? 0,
    lab[sample + 2] ?? 0,
  ];
  const ordered = samples.toSorted((a, b) => (lab[a] ?? 0) - (lab[b] ?? 0));
  let centres = Array.from({ length: count }, (_, i) =>
    at(ordered[Math.floor(((i + 0.5) / count) * ordered.length)] ?? 0),
  );
  for (let round = 0; round < 6; round++) {
    const sums = centres.map(() => [0, 0, 0, 0] as [number, number, number, number]);
    for (const sample of samples) {
      const distances = centres.map((centre) => labDistance(lab, sample, centre));
      const sum = sums[distances.indexOf(Math.min(...distances))];
      if (sum === undefined) continue;
      const [l, a, b] = at(sample);
      sum[0] += l;
      sum[1] += a;
      sum[2] += b;
      sum[3] += 1;
    }
    centres = sums.map(([l, a, b, n], i) =>
      n === 0 ? (centres[i] ?? [0, 0, 0]) : ([l / n, a / n, b / n] as const),
    );
  }
  return centres;
}

/** Otsu's threshold of byte values: the split with the largest variance between both sides. */
export function otsu(values: Uint8Array): number {
  const histogram = new Float64Array(256);
  let total = 0;
  for (const value of values) {
    histogram[value] = (histogram[value] ?? 0) + 1;
    total += value;
  }
  let best = { threshold: 0, variance: -1 };
  let below = 0;
  let belowSum = 0;
  for (let threshold = 0; threshold < 255; threshold++) {
    below += histogram[threshold] ?? 0;
    belowSum += threshold * (histogram[threshold] ?? 0);
    const above = values.length - below;
    if (below === 0 || above === 0) continue;
    const gap = belowSum / below - (total - belowSum) / above;
    const variance = below * above * gap * gap;
    if (variance > best.variance) best = { threshold, variance };
  }
  return best.threshold;
}
