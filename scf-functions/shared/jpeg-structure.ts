export type JpegStructure = {
  /** As the frame says, before any turn. */
  readonly width: number;
  readonly height: number;
  readonly isProgressive: boolean;
  readonly components: number;
  readonly scans: number;
  /** Whether the end marker is there. */
  readonly isEnded: boolean;
  /** Whether the scans bring every coefficient of every component to its full precision. */
  readonly isComplete: boolean;
};

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const COEFFICIENTS = 64;

/**
 * What a JPEG is made of, by its markers alone: nothing is decoded, and each byte is looked at once. Null when there is
 * no frame, which a decoder refuses.
 */
export function readJpegStructure(bytes: Buffer): JpegStructure | null {
  let frame: Pick<JpegStructure, "width" | "height" | "isProgressive" | "components"> | null = null;
  const scans: Scan[] = [];
  let isEnded = false;
  let at = 2;
  while (at + 1 < bytes.length) {
    at = bytes.indexOf(0xff, at);
    if (at < 0) break;
    while (bytes[at + 1] === 0xff) at += 1;
    const marker = bytes[at + 1];
    at += 2;
    if (marker === undefined || isAlone(marker)) continue;
    if (marker === EOI) {
      isEnded = true;
      break;
    }
    if (at + 2 > bytes.length) break;
    const segment = bytes.subarray(at + 2, at + bytes.readUInt16BE(at));
    if (isFrame(marker) && segment.length >= 6) {
      frame ??= {
        height: segment.readUInt16BE(1),
        width: segment.readUInt16BE(3),
        isProgressive: marker === 0xc2 || marker === 0xca,
        components: segment[5] ?? 0,
      };
    }
    if (marker === SOS) scans.push(scanOf(segment));
    at += bytes.readUInt16BE(at);
  }
  if (frame === null) return null;
  const isComplete = !frame.isProgressive || isFullyRefined(scans, frame.components);
  return { ...frame, scans: scans.length, isEnded, isComplete };
}

/** Without a segment: stuffed bytes, restarts, TEM and a second start. */
const isAlone = (marker: number) =>
  marker === 0 || marker === 1 || marker === SOI || (marker >= 0xd0 && marker <= 0xd7);

const isFrame = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

type Scan = {
  readonly components: readonly number[];
  readonly first: number;
  readonly last: number;
  /** Bits that are still missing after this scan. */
  readonly low: number;
};

function scanOf(segment: Buffer): Scan {
  const count = segment[0] ?? 0;
  const components = Array.from({ length: Math.min(4, count) }, (_, i) => segment[1 + 2 * i] ?? 0);
  const [first = 0, last = 0, bits = 0] = segment.subarray(1 + 2 * count, 4 + 2 * count);
  return { components, first, last, low: bits & 15 };
}

function isFullyRefined(scans: readonly Scan[], components: number): boolean {
  const done = new Set<number>();
  for (const scan of scans) {
    if (scan.low > 0) continue;
    for (const component of scan.components) {
      for (let k = scan.first; k <= Math.min(scan.last, COEFFICIENTS - 1); k += 1) {
        done.add(component * COEFFICIENTS + k);
      }
    }
  }
  return done.size >= components * COEFFICIENTS;
}
