import type { OpenCv } from "./opencv-module.ts";

let loading: Promise<{ cv: OpenCv }> | undefined;
let queue: Promise<unknown> = Promise.resolve();

/**
 * Runs `work` with OpenCV, one caller at a time: the module has one memory and blocks the thread anyway.
 * The first call loads it (about 0.4 s, 8 MB); a failed load is tried again by the next call.
 */
export function withOpenCv<T>(work: (cv: OpenCv) => T): Promise<T> {
  const mine = queue.then(async () => {
    loading ??= loadOpenCv().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return work((await loading).cv);
  });
  queue = mine.catch(() => undefined);
  return mine;
}

// Answers in a wrapper, since a promise of the bare module would call its `then`.
async function loadOpenCv(): Promise<{ cv: OpenCv }> {
  const before = crashListeners();
  // The library assigns an undeclared `Module`, which a bundle in strict mode refuses.
  Reflect.set(globalThis, "Module", {});
  const { openCvHolder } = await import("./opencv-module.ts");
  Reflect.deleteProperty(globalThis, "Module");
  removeListenersSince(before);
  const cv = openCvHolder.module;
  if (typeof cv.Mat !== "function") {
    await new Promise<void>((resolve) => {
      cv.onRuntimeInitialized = () => resolve();
    });
  }
  delete cv.then;
  return { cv };
}

const crashEvents = ["uncaughtException", "unhandledRejection"] as const;

function crashListeners(): Set<unknown> {
  return new Set(crashEvents.flatMap((event) => process.rawListeners(event)));
}

// Emscripten adds handlers that end the host process on any unhandled rejection: not its business here.
function removeListenersSince(before: Set<unknown>): void {
  for (const event of crashEvents) {
    for (const listener of process.rawListeners(event)) {
      if (!before.has(listener)) process.removeListener(event, listener as () => void);
    }
  }
}
