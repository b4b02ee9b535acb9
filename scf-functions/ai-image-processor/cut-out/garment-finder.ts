import { fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { LabPicture } from "./cut-out-mask.ts";
import type { FoundGarment } from "./find-garment.ts";

type Message =
  | { readonly kind: "ready"; readonly cpuFile: string | null }
  | { readonly kind: "found"; readonly found: FoundGarment }
  | { readonly kind: "failed"; readonly text: string };

/** A program that runs beside this one and looks for garments, one picture at a time. */
export type GarmentFinder = {
  readonly ready: Promise<void>;
  /** Rejects when the program ended. */
  find(picture: LabPicture): Promise<FoundGarment>;
  /** CPU that it used since its start; null where the system does not tell. */
  cpuMs(): number | null;
  /** Ends it in whatever it is doing; a later `find` rejects. */
  end(): void;
};

/** What is sent to the program, and how it is ended. */
type Channel = {
  post(message: unknown): void;
  end(): void;
};

/** Starts the program. It keeps no process alive. */
export function startGarmentFinder(): GarmentFinder {
  let cpuFile: string | null = null;
  let failed: Error | null = null;
  let settle: { resolve(found: FoundGarment): void; reject(error: Error): void } | null = null;
  const started = Promise.withResolvers<void>();
  // Who waits for it hears of a failure; an unheard one shall not end the process.
  started.promise.catch(() => undefined);
  const fail = (error: Error): void => {
    failed ??= error;
    started.reject(error);
    settle?.reject(error);
  };
  const channel = openChannel({
    heard(message) {
      if (message.kind === "ready") {
        cpuFile = message.cpuFile;
        started.resolve();
      } else if (message.kind === "found") settle?.resolve(message.found);
      else settle?.reject(new Error(message.text));
    },
    ended: fail,
  });
  return {
    ready: started.promise,
    find(picture) {
      return new Promise((resolve, reject) => {
        settle = { resolve, reject };
        if (failed !== null) reject(failed);
        else channel.post(picture);
      });
    },
    cpuMs: () => (cpuFile === null ? null : cpuMsOf(cpuFile)),
    end() {
      fail(new Error("the search for the garment was ended"));
      channel.end();
    },
  };
}

type Listener = { heard(message: Message): void; ended(error: Error): void };

/**
 * A thread under Node. Under Bun a process: `terminate` does not end a thread of Bun 1.4 that is in a loop of
 * WebAssembly.
 */
function openChannel(listener: Listener): Channel {
  return process.versions["bun"] === undefined ? openThread(listener) : openProcess(listener);
}

function openThread({ heard, ended }: Listener): Channel {
  // Of a program that was given as a text, as tests do, the thread is none.
  const execArgv = process.execArgv.filter((flag) => !flag.startsWith("--input-type"));
  const worker = new Worker(programFile(), { env: {}, execArgv });
  worker.on("message", heard);
  worker.on("error", ended);
  worker.on("exit", (code) => ended(new Error(`the search for the garment ended: code ${code}`)));
  worker.unref();
  return {
    // oxlint-disable-next-line require-post-message-target-origin -- a thread has no origin, a window has
    post: (message) => worker.postMessage(message),
    end: () => void worker.terminate(),
  };
}

function openProcess({ heard, ended }: Listener): Channel {
  const child = fork(programFile(), [], {
    env: {},
    serialization: "advanced",
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  child.on("message", (message) => heard(message as Message)); // sent by the program alone
  child.on("error", ended);
  child.on("exit", (code, signal) => {
    ended(new Error(`the search for the garment ended: ${signal ?? `code ${code}`}`));
  });
  child.unref();
  return {
    post: (message) => void child.send(message as object), // a picture
    end: () => void child.kill("SIGKILL"),
  };
}

// Beside index.js in a bundle, whose first line tells its folder; beside this file in the sources.
function programFile(): string {
  const folder: unknown = Reflect.get(globalThis, "functionFolder");
  if (typeof folder === "string") return join(folder, "garment-worker.js");
  return fileURLToPath(new URL("garment-worker.ts", import.meta.url));
}

/** Ticks of user and system time are the 14th and 15th field; the 2nd, a name in brackets, may hold blanks. */
function cpuMsOf(file: string): number | null {
  try {
    const text = readFileSync(file, "latin1");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return null;
  }
}

/** The kernel counts for user space in hundredths of a second. */
const TICK_MS = 10;
