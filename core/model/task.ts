import type { ErrorCode } from "./errors.ts";
import type { ImageRecord, StepRecord } from "./step-results.ts";
import type { TaskRequest } from "./task-inputs.ts";

export { TASK_TYPES, type TaskType, type TaskRequest } from "./task-inputs.ts";

export const TERMINAL_STATUSES = ["succeeded", "partial", "failed", "canceled", "expired"] as const;
export type TerminalStatus = (typeof TERMINAL_STATUSES)[number];
export type TaskStatus = "queued" | "running" | TerminalStatus;

export const PRIORITIES = ["high", "normal", "low"] as const;
export type Priority = (typeof PRIORITIES)[number];

/** The only moves a task may make; a terminal state never changes. */
export const TASK_EDGES = {
  queued: ["running", "canceled", "expired", "failed"],
  running: ["queued", "running", "succeeded", "partial", "failed", "canceled", "expired"],
  succeeded: [],
  partial: [],
  failed: [],
  canceled: [],
  expired: [],
} as const satisfies Record<TaskStatus, readonly TaskStatus[]>;

export function isTerminal(status: TaskStatus): status is TerminalStatus {
  return TASK_EDGES[status].length === 0;
}

/** Where a picture comes from: a foreign address, or an object that we hold already. */
export type ImageSource = { readonly url: string } | { readonly key: string; readonly url: string };

/** Credits per unit, fixed in the task when it is created. */
export type Prices = {
  readonly preprocess: number;
  readonly prompt: number;
  readonly image: number;
};

export type TaskError = {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  /** What to mend, as a JSON Pointer into the request, where one place of it is why. */
  readonly pointer?: string;
};

/** A task as the store gives it back: a row with its steps and images. */
export type Task = TaskFacts & TaskRequest;

export type TaskFacts = {
  readonly id: string;
  readonly userId: string;
  readonly status: TaskStatus;
  readonly priority: Priority;
  readonly sources: readonly ImageSource[];
  readonly prices: Prices;
  readonly heldCredits: number;
  /** Null while the task lives. */
  readonly settled: { readonly postedCredits: number; readonly releasedCredits: number } | null;
  readonly fence: number;
  readonly version: number;
  readonly attempts: number;
  readonly crashes: number;
  readonly createdAtMs: number;
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number | null;
  readonly expiresAtMs: number;
  readonly availableAtMs: number;
  readonly error: TaskError | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly steps: readonly StepRecord[];
  readonly images: readonly ImageRecord[];
};
