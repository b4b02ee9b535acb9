import type { ImageRecord, StepName } from "./step-results.ts";
import type { TaskError, TerminalStatus } from "./task.ts";

export type Degradation = {
  readonly step: StepName;
  readonly index: number;
  readonly reason: string;
  readonly usedInstead: string;
  readonly creditsReturned: number;
};

/** What a client can see happen to a task. Every change of its version writes at least one. */
export type TaskEvent =
  | { readonly type: "task.queued"; readonly reason: "created" | "retry" | "delay" | "handed-back" }
  | { readonly type: "task.started"; readonly attempt: number }
  | {
      readonly type: "task.step";
      readonly step: StepName;
      readonly index: number;
      /** `in-doubt`: the answer of the call was lost, and what it may have made is looked for. */
      readonly state: "asked" | "in-doubt" | "done" | "missed";
      readonly durationMs: number;
      readonly stepsDone: number;
      readonly stepsTotal: number;
      /** Of a call in doubt: until when it is waited for, by the database's clock. */
      readonly untilMs?: number;
    }
  /** A picture as it was generated, which a better one may follow. */
  | { readonly type: "task.image.preview"; readonly image: ImageRecord }
  /** A picture as it is delivered: once for each. */
  | { readonly type: "task.image"; readonly image: ImageRecord }
  | { readonly type: "task.degraded"; readonly degradation: Degradation }
  | {
      readonly type: `task.${TerminalStatus}`;
      readonly postedCredits: number;
      readonly releasedCredits: number;
      readonly error: TaskError | null;
    };

/** `<task version>-<n>`: n counts the events of one version from 1. */
export type EventId = `${number}-${number}`;
export type LoggedEvent = { readonly id: EventId; readonly event: TaskEvent };

export function parseEventId(text: string): { version: number; n: number } | null {
  const match = /^(\d{1,15})-(\d{1,15})$/.exec(text);
  return match === null ? null : { version: Number(match[1]), n: Number(match[2]) };
}

export function compareEventIds(left: string, right: string): number {
  const a = parseEventId(left);
  const b = parseEventId(right);
  if (a === null || b === null) return 0;
  return a.version - b.version || a.n - b.n;
}

/** Whether events are missing between a cursor and the next event that is there. */
export function isGap(afterId: string, nextId: string): boolean {
  const after = parseEventId(afterId);
  const next = parseEventId(nextId);
  if (after === null || next === null) return true;
  if (next.version === after.version) return next.n !== after.n + 1;
  return next.version !== after.version + 1 || next.n !== 1;
}

/** The cursor after everything of one version: where a reader stands that took a snapshot of it. */
export function afterSnapshot(version: number): EventId {
  return `${version}-${SNAPSHOT_N}`;
}

/** Above every n: no version has so many events. */
const SNAPSHOT_N = 999_999;
