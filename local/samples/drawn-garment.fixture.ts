import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { drawSampleGarment } from "./draw-sample-garment.ts";
import type { SampleKind } from "./sample-shapes.ts";

/** The variable by which tests/run-tests.ts names the folder in which the files of a run share their garments. */
export const DRAWN_GARMENTS = "DRAPE_TEST_GARMENTS";

const drawn = new Map<string, Promise<Uint8Array>>();

/** `drawSampleGarment`, which takes a second, done once a process, and once in a whole run. */
export function drawnGarment(kind: SampleKind, index: number): Promise<Uint8Array> {
  const name = `${kind}-${index}.jpg`;
  const known = drawn.get(name) ?? fromFolder(name, () => drawSampleGarment(kind, index));
  drawn.set(name, known);
  return known;
}

async function fromFolder(name: string, draw: () => Promise<Uint8Array>): Promise<Uint8Array> {
  const folder = process.env[DRAWN_GARMENTS];
  if (folder === undefined) return draw();
  const file = join(folder, name);
  if (existsSync(file)) return readFileSync(file);
  const bytes = await draw();
  // Renamed when it is whole: another process may read it at any moment.
  writeFileSync(`${file}.${process.pid}`, bytes);
  renameSync(`${file}.${process.pid}`, file);
  return bytes;
}
