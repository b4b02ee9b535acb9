import { readlinkSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import type { LabPicture } from "./cut-out-mask.ts";
import { findGarment } from "./find-garment.ts";
import { withOpenCv } from "./opencv.ts";

/**
 * The program that looks for garments beside the function: a thread under Node, a process under Bun. It says
 * `ready` with the file that tells its CPU time, then answers one picture after the other.
 */
const send = (message: unknown): void => {
  if (parentPort === null) process.send?.(message);
  // oxlint-disable-next-line require-post-message-target-origin -- a thread has no origin, a window has
  else parentPort.postMessage(message);
};

/** Linux tells of a thread by `/proc/<pid>/task/<tid>/stat`, of a process by `/proc/<pid>/stat`; others of neither. */
function ownCpuFile(): string | null {
  if (process.platform !== "linux") return null;
  return parentPort === null
    ? `/proc/${process.pid}/stat`
    : `/proc/${readlinkSync("/proc/thread-self")}/stat`;
}

// A process of its own ends with whom it works for.
if (parentPort === null) process.on("disconnect", () => process.exit());
(parentPort ?? process).on("message", (picture: LabPicture) => void look(picture));
void withOpenCv(() => send({ kind: "ready", cpuFile: ownCpuFile() }));

async function look(picture: LabPicture): Promise<void> {
  try {
    send({ kind: "found", found: await findGarment(picture) });
  } catch (error) {
    send({ kind: "failed", text: error instanceof Error ? (error.stack ?? "") : String(error) });
  }
}
