/**
 * The one static import of OpenCV. It is a file of its own because the library's module object has a
 * `then`: whoever gets it from `await import(...)` directly waits for ever. Import this file lazily.
 */
import * as namespace from "@techstark/opencv-js";

/** A matrix in the memory of the WebAssembly module; freed by hand. */
export interface Mat {
  readonly data: Uint8Array;
  delete(): void;
}

/** The part of OpenCV that the cut-out uses. */
export interface OpenCv {
  readonly Mat: new (rows?: number, columns?: number, type?: number) => Mat;
  readonly CV_8UC1: number;
  readonly CV_8UC3: number;
  readonly GC_INIT_WITH_MASK: number;
  readonly Rect: new (x: number, y: number, width: number, height: number) => object;
  grabCut(
    image: Mat,
    mask: Mat,
    rectangle: object,
    backgroundModel: Mat,
    foregroundModel: Mat,
    iterations: number,
    mode: number,
  ): void;
  setRNGSeed(seed: number): void;
  onRuntimeInitialized?: () => void;
  then?: unknown;
}

/**
 * The module as evaluated, perhaps before its runtime is up. The library's own types describe named
 * exports, but at run time everything hangs on the CommonJS export: this is the one cast that says so.
 */
export const openCvHolder = { module: (namespace as unknown as { default: OpenCv }).default };
