import sharp from "sharp";
import { f } from "../preview/drawing.ts";

export interface ContactSheetPictures {
  /** 1 to 10 photos as the seller took them. `label` is for callers; the sheet carries no text. */
  readonly garments: readonly { readonly bytes: Uint8Array; readonly label?: string }[];
  /** 1 to 15 pictures made from them. */
  readonly results: readonly { readonly bytes: Uint8Array }[];
}

interface Tile {
  readonly bytes: Uint8Array;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Picture {
  readonly bytes: Uint8Array;
  /** Width over height. */
  readonly ratio: number;
}

const MARGIN = 72;
const GAP = 26;
const RESULTS_WIDTH = 1240;
const ROW_HEIGHT_MAX = 750;
const BLOCK_HEIGHT_IDEAL = 640;
const DIVIDER = 118;
const RADIUS = 14;

/**
 * One page that shows what went in (left) and what came out (right): off-white, rows of even height,
 * rounded corners, soft shadows, no text. Answers a JPEG about 2000 px wide.
 */
export async function makeContactSheet(pictures: ContactSheetPictures): Promise<Uint8Array> {
  const garments = await Promise.all(pictures.garments.slice(0, 10).map(measure));
  const results = await Promise.all(pictures.results.slice(0, 15).map(measure));
  const right = justify(results, RESULTS_WIDTH, bestRows(results, RESULTS_WIDTH));
  const garmentsWidth = garments.length > 3 ? 560 : 480;
  const left = justify(garments, garmentsWidth, columnsRows(garments, garmentsWidth, right.height));
  const inner = Math.max(left.height, right.height);
  const width = MARGIN * 2 + garmentsWidth + DIVIDER + RESULTS_WIDTH;
  const height = Math.round(inner + MARGIN * 2);
  const tiles = [
    ...shifted(left.tiles, MARGIN, MARGIN + (inner - left.height) / 2),
    ...shifted(right.tiles, MARGIN + garmentsWidth + DIVIDER, MARGIN + (inner - right.height) / 2),
  ];
  const page = sharp(Buffer.from(pageSvg({ width, height }, tiles, MARGIN + garmentsWidth)));
  const parts = [];
  for (const tile of tiles) {
    parts.push({ input: await rounded(tile), left: Math.round(tile.x), top: Math.round(tile.y) });
  }
  return page.composite(parts).flatten({ background: "#f6f3ee" }).jpeg({ quality: 90 }).toBuffer();
}

async function measure({ bytes }: { readonly bytes: Uint8Array }): Promise<Picture> {
  const { autoOrient } = await sharp(bytes).metadata();
  // Extreme shapes are cropped, so that one banner does not flatten the others.
  return { bytes, ratio: Math.min(2.4, Math.max(0.5, autoOrient.width / autoOrient.height)) };
}

// Rows of one height that fill the width, as in a printed contact sheet.
function justify(pictures: readonly Picture[], width: number, rows: number) {
  const tiles: Tile[] = [];
  let y = 0;
  for (const row of split(pictures, rows)) {
    const ratios = row.reduce((sum, { ratio }) => sum + ratio, 0);
    const full = (width - GAP * (row.length - 1)) / ratios;
    const high = Math.min(full, ROW_HEIGHT_MAX);
    const used = high * ratios + GAP * (row.length - 1);
    let x = (width - used) / 2;
    for (const { bytes, ratio } of row) {
      tiles.push({ bytes, x, y, width: ratio * high, height: high });
      x += ratio * high + GAP;
    }
    y += high + GAP;
  }
  return { tiles, height: Math.max(0, y - GAP) };
}

function split(pictures: readonly Picture[], rows: number): Picture[][] {
  return Array.from({ length: rows }, (_, row) =>
    pictures.slice(
      Math.round((row * pictures.length) / rows),
      Math.round(((row + 1) * pictures.length) / rows),
    ),
  ).filter((row) => row.length > 0);
}

/** As many rows as bring the block nearest to a page's shape: four squares stand two by two, three in a row. */
function bestRows(pictures: readonly Picture[], width: number): number {
  let best = { rows: 1, off: Number.POSITIVE_INFINITY };
  for (let rows = 1; rows <= pictures.length; rows += 1) {
    const { height } = justify(pictures, width, rows);
    const off = Math.abs(Math.log(height / BLOCK_HEIGHT_IDEAL));
    if (off < best.off) best = { rows, off };
  }
  return best.rows;
}

// As few rows as keep the garments' column about as tall as the results.
function columnsRows(pictures: readonly Picture[], width: number, height: number): number {
  for (let rows = pictures.length; rows > 1; rows--) {
    if (justify(pictures, width, rows).height <= Math.max(height, 420)) return rows;
  }
  return 1;
}

function shifted(tiles: readonly Tile[], dx: number, dy: number): Tile[] {
  return tiles.map((tile) => ({ ...tile, x: tile.x + dx, y: tile.y + dy }));
}

async function rounded(tile: Tile): Promise<Buffer> {
  const [width, height] = [Math.round(tile.width), Math.round(tile.height)];
  const mask = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="${width}" height="${height}" rx="${RADIUS}"/></svg>`;
  return sharp(tile.bytes)
    .rotate()
    .resize(width, height, { fit: "cover" })
    .composite([{ input: Buffer.from(mask), blend: "dest-in" }])
    .png()
    .toBuffer();
}

function pageSvg(
  { width, height }: { width: number; height: number },
  tiles: readonly Tile[],
  dividerLeft: number,
): string {
  const shadows = tiles.map(
    ({ x, y, width: wide, height: high }) =>
      `<rect x="${f(x)}" y="${f(y + 10)}" width="${f(wide)}" height="${f(high)}" rx="${RADIUS}"/>`,
  );
  const middle = dividerLeft + DIVIDER / 2;
  const y = height / 2;
  const line = (from: number, to: number) => `M${f(middle)} ${f(from)}V${f(to)}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><defs><linearGradient id="p" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="#fbf9f6"/><stop offset="1" stop-color="#f1ede6"/></linearGradient><filter id="s" x="-0.1" y="-0.1" width="1.2" height="1.2"><feGaussianBlur stdDeviation="13"/></filter></defs><rect width="${width}" height="${height}" fill="url(#p)"/><path d="${line(MARGIN, y - 46)}${line(y + 46, height - MARGIN)}" stroke="#d9d1c5" stroke-width="2"/><circle cx="${f(middle)}" cy="${f(y)}" r="28" fill="#2b2723"/><path d="M${f(middle - 10)} ${f(y)}H${f(middle + 10)}M${f(middle + 3)} ${f(y - 8)}L${f(middle + 11)} ${f(y)}L${f(middle + 3)} ${f(y + 8)}" fill="none" stroke="#f6f3ee" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/><g fill="#3a2c1c" opacity="0.24" filter="url(#s)">${shadows.join("")}</g></svg>`;
}
