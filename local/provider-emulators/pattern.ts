import type { Raster } from "../preview/layer.ts";

const GRID = 72;
/** Deviation of brightness (0..1) from its surroundings under which cloth is plain. */
const PLAIN_MAX = 0.055;

/** Plain, striped or printed, by how brightness varies and whether it does so along one direction. */
export function guessPattern(
  picture: Raster,
  mainShare: number,
): { readonly en: string; readonly zh: string } {
  const grid = brightnessGrid(picture);
  const detail = grid.map((value, at) =>
    value === undefined ? undefined : value - around(grid, at, value),
  );
  const energy = deviation(detail);
  const rows = deviation(lineMeans(detail, (at) => Math.floor(at / GRID)));
  const columns = deviation(lineMeans(detail, (at) => at % GRID));
  if (energy > PLAIN_MAX * 0.8 && Math.max(rows, columns) > energy * 0.5) {
    return { en: "striped", zh: "条纹" };
  }
  if (energy > PLAIN_MAX || mainShare < 0.55) return { en: "printed", zh: "印花" };
  return { en: "plain", zh: "纯色" };
}

type Grid = (number | undefined)[];

function brightnessGrid({ data, width, height }: Raster): Grid {
  return Array.from({ length: GRID * GRID }, (_, at) => {
    const x = Math.floor((((at % GRID) + 0.5) / GRID) * width);
    const y = Math.floor(((Math.floor(at / GRID) + 0.5) / GRID) * height);
    const from = (y * width + x) * 4;
    if ((data[from + 3] ?? 0) < 230) return undefined;
    const warm = 0.3 * (data[from] ?? 0) + 0.59 * (data[from + 1] ?? 0);
    return (warm + 0.11 * (data[from + 2] ?? 0)) / 255;
  });
}

function around(grid: Grid, at: number, own: number): number {
  let sum = own;
  let count = 1;
  for (let dy = -4; dy <= 4; dy++) {
    for (let dx = -4; dx <= 4; dx++) {
      const x = (at % GRID) + dx;
      const value = x < 0 || x >= GRID ? undefined : grid[at + dy * GRID + dx];
      if (value === undefined) continue;
      sum += value;
      count++;
    }
  }
  return sum / count;
}

function lineMeans(grid: Grid, lineOf: (at: number) => number): Grid {
  const sums = Array.from({ length: GRID }, () => ({ sum: 0, count: 0 }));
  for (const [at, value] of grid.entries()) {
    const line = sums[lineOf(at)];
    if (value === undefined || line === undefined) continue;
    line.sum += value;
    line.count++;
  }
  return sums.map(({ sum, count }) => (count < GRID / 4 ? undefined : sum / count));
}

function deviation(grid: Grid): number {
  const values = grid.filter((value) => value !== undefined);
  if (values.length === 0) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
