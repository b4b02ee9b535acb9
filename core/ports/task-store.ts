import type { Settlement } from "../model/settlement.ts";
import type { ImageRecord, StepName, StepOutcome } from "../model/step-results.ts";
import type {
  Task,
  TaskError,
  TaskFacts,
  TaskStatus,
  TaskType,
  TaskRequest,
} from "../model/task.ts";
import type { Balance } from "./credit-store.ts";
import type { PageQuery } from "./store-types.ts";
import type { Job } from "./task-queue.ts";

/** By the database's clock. */
export type TaskTimes = Pick<TaskFacts, "createdAtMs" | "expiresAtMs">;

/** A task to be created, its id made beforehand so that an unknown commit can be looked up. */
export type NewTask = {
  readonly task: TaskRequest &
    Pick<
      TaskFacts,
      "id" | "userId" | "priority" | "sources" | "prices" | "heldCredits" | "metadata"
    > & {
      readonly lifeMs: number;
      /** Where the end of the task is sent: one delivery is written with it. */
      readonly webhookUrl?: string | null;
    };
  readonly idempotency: {
    readonly route: string;
    readonly key: string;
    readonly bodyHash: string;
  } | null;
  /**
   * The whole answer, made of the times that are committed. The same for the same times; kept with the key, to be given
   * again byte for byte.
   */
  readonly answer: (times: TaskTimes) => string;
};

export type CreateOutcome =
  | { readonly kind: "created"; readonly job: Job | null; readonly response: string }
  | { readonly kind: "replayed"; readonly response: string; readonly taskId: string }
  | { readonly kind: "key-reused" }
  | ({ readonly kind: "insufficient" } & Balance)
  /** The account's ledger is in doubt: an operator has to clear it first. */
  | { readonly kind: "frozen" };

/** A claim on a task: only the present holder of its lease can write. */
export type Claim = { readonly taskId: string; readonly fence: number };

export type StepWrite = StepOutcome & {
  readonly index: number;
  readonly priceCredits: number;
  readonly durationMs: number;
  /** A picture to show from now on; the same index again replaces it. */
  readonly image?: ImageRecord;
};

export type PaidCallWrite = {
  readonly step: StepName;
  readonly index: number;
  readonly askLimitMs: number;
};

export type RequeueWrite = {
  readonly delayMs: number;
  /** Whether an attempt was spent. */
  readonly spent: boolean;
  readonly error: TaskError | null;
};

/** Who may end a task: the holder of its lease, or anybody for cancel, deadline and the poison guard. */
export type SettleRequest = {
  readonly taskId: string;
  readonly fence: number | null;
  readonly ending: "finished" | "canceled" | "expired";
  readonly error: TaskError | null;
  readonly actor: string;
};

export type TaskListQuery = PageQuery & {
  readonly status?: TaskStatus;
  readonly type?: TaskType;
  /** From this time on. */
  readonly createdAfterMs?: number;
  /** Up to this time, itself not included. */
  readonly createdBeforeMs?: number;
};

/**
 * The tasks, from their create to their end. A conditional write that meets 0 rows returns null or false: somebody else
 * has the task, stop quietly.
 */
export interface TaskStore {
  /** At most 64 at a time, decided in order; each outcome stands at its create's place. */
  create(creates: readonly NewTask[], windowSize: number): Promise<readonly CreateOutcome[]>;
  findReplay(
    userId: string,
    route: string,
    key: string,
  ): Promise<{ bodyHash: string; response: string; taskId: string } | null>;
  find(taskId: string): Promise<Task | null>;
  /** This customer's tasks, newest first. Entries of one time are in order of their ids. */
  list(query: TaskListQuery): Promise<readonly Task[]>;
  /** The version alone, for ETags and streams: cheap. */
  findVersion(
    taskId: string,
  ): Promise<{ version: number; userId: string; status: Task["status"] } | null>;

  claim(taskId: string, workerId: string, leaseMs: number): Promise<Task | null>;
  /** One statement for all tasks of a process; gives back those still held. */
  renewLeases(claims: readonly Claim[], leaseMs: number): Promise<readonly string[]>;
  /**
   * Commits that paid calls are about to be sent; gives the new version, or null. Where an earlier call was never
   * answered or cleared, its outcome counts as unknown from now on.
   */
  markPaidCalls(claim: Claim, calls: readonly PaidCallWrite[]): Promise<number | null>;
  /**
   * After an answer that leaves nothing in flight: the steps may be called again at once. Those that surely did not
   * run (`ran: "no"`) are not counted as calls either. False when the claim is no longer ours.
   */
  clearPaidCalls(
    claim: Claim,
    steps: readonly { step: StepName; index: number }[],
    ran: "no" | "yes",
  ): Promise<boolean>;
  /** Commits finished steps; gives the new version, or null. A step that is final already stays as it is. */
  checkpoint(claim: Claim, writes: readonly StepWrite[]): Promise<number | null>;
  /** Back to the queue; gives the new version, or null. */
  requeue(claim: Claim, write: RequeueWrite): Promise<number | null>;
  /**
   * The terminal transition: state, resolution, transfers and the delivery that was asked for, in one transaction.
   * Null: another caller was first.
   */
  settle(request: SettleRequest): Promise<(Settlement & { version: number }) | null>;
}
