import type { ImageRecord, StepName, StepOutcome } from "../model/step-results.ts";
import type { Task, TaskError, TaskFacts, TaskStatus, TaskType, TaskWish } from "../model/task.ts";
import type { Settlement } from "../model/settlement.ts";
import type { Books } from "./ledger-audit-store.ts";
import type { IdentityStore } from "./identity-store.ts";
import type { PresetStore } from "./preset-store.ts";
import type { QueuePauseStore } from "./queue-pause.ts";
import type { QueueStore } from "./queue-store.ts";
import type { StatsStore } from "./stats-store.ts";
import type { UsageStore } from "./usage-store.ts";
import type { Job } from "./task-queue.ts";

export type User = {
  readonly id: string;
  /** Lower case; null, like the password, for who signs in elsewhere alone. */
  readonly email: string | null;
  readonly passwordHash: string | null;
  readonly role: "customer" | "admin";
  readonly createdAtMs: number;
};

export type Balance = { readonly available: number; readonly held: number };

/** A task to be created, its id made beforehand so that an unknown commit can be looked up. */
export type TaskCreate = {
  readonly task: TaskWish &
    Pick<
      TaskFacts,
      "id" | "userId" | "priority" | "sources" | "prices" | "heldCredits" | "metadata"
    > & {
      readonly createdAtMs: number;
      readonly lifeMs: number;
      /** Where the task's end is to be told: one delivery is written with it. */
      readonly webhookUrl?: string | null;
    };
  readonly idempotency: {
    readonly route: string;
    readonly key: string;
    readonly bodyHash: string;
    /** The whole answer, kept to be given again byte for byte. */
    readonly response: string;
  } | null;
};

export type CreateOutcome =
  | { readonly kind: "created"; readonly job: Job | null }
  | { readonly kind: "replayed"; readonly response: string; readonly taskId: string }
  | { readonly kind: "key-reused" }
  | ({ readonly kind: "insufficient" } & Balance)
  /** The account's books are in doubt: an operator has to clear it first. */
  | { readonly kind: "frozen" };

/** A place in a task that only the present holder of its lease can write to. */
export type Fenced = { readonly taskId: string; readonly fence: number };

export type StepWrite = StepOutcome & {
  readonly index: number;
  readonly priceCredits: number;
  readonly durationMs: number;
  /** A picture to show from now on; the same index again replaces it. */
  readonly image?: ImageRecord;
};

export type AskWrite = {
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

export type SweepFindings = {
  /** Running tasks whose lease ran out: new jobs, ready to be added. */
  readonly abandoned: readonly Job[];
  /** Tasks that were sent and not taken for 5 s: the same jobs again. */
  readonly stranded: readonly Job[];
  /** Live tasks past their deadline. */
  readonly expired: readonly string[];
};

/** A place in a list, just behind an entry. */
export type ListPlace = { readonly createdAtMs: number; readonly id: string };

/** A page, newest first: what comes after `before`, the last entry of the page before; at most `pageMax`. */
export type PageQuery = {
  readonly userId: string;
  readonly limit: number;
  readonly before?: ListPlace;
};

export type TaskListQuery = PageQuery & {
  readonly status?: TaskStatus;
  readonly type?: TaskType;
  /** From this time on. */
  readonly createdAfterMs?: number;
  /** Up to this time, itself not included. */
  readonly createdBeforeMs?: number;
};

export type GrantWrite = {
  readonly id: string;
  readonly userId: string;
  readonly amount: number;
  readonly reason: string;
  readonly actor: string;
  /** For an administrator's act; written in the grant's transaction, by the same actor. */
  readonly audit?: AuditWrite;
};

export type GrantOutcome =
  | { readonly kind: "granted" | "repeated"; readonly balance: Balance }
  /** The id belongs to a grant of another customer, amount or reason: nothing was changed. */
  | { readonly kind: "id-taken" };

export type AuditWrite = {
  readonly id: string;
  /** What was done, such as `credits.grant`. */
  readonly action: string;
  /** To whom or what: an id. */
  readonly subject: string;
  readonly detail: Readonly<Record<string, AuditFact | Readonly<Record<string, AuditFact>>>>;
};

type AuditFact = string | number | boolean | null;

/** An act of an administrator. */
export type AuditEntry = AuditWrite & { readonly actor: string; readonly createdAtMs: number };

/** One line of a customer's credits. */
export type TransferEntry = {
  readonly id: string;
  readonly kind: "grant" | "hold" | "post" | "release" | "refund";
  /** Credits, as the available balance sees them: a hold is negative. */
  readonly amount: number;
  readonly taskId: string | null;
  readonly reason: string;
  readonly createdAtMs: number;
};

export type Scene = {
  readonly id: string;
  readonly kind: "scene" | "style" | "garment";
  readonly en: string;
  readonly zh: string;
};

/**
 * The truth. Every method is one transaction or one statement; times in SQL are the database's own.
 * A conditional write that meets 0 rows returns null or false: somebody else has the task, stop quietly.
 * Throws UNAVAILABLE when the database is away, nothing then having been acknowledged.
 */
export interface Store
  extends Books, IdentityStore, PresetStore, QueueStore, QueuePauseStore, StatsStore, UsageStore {
  createUser(user: User): Promise<"created" | "email-taken">;
  findUserByEmail(email: string): Promise<User | null>;
  findUser(id: string): Promise<User | null>;

  /**
   * Issues credits to a customer; the same transfer id twice is one grant, with one audit row, and the balance given
   * back is the one after this transaction. Throws NOT_FOUND.
   */
  grant(grant: GrantWrite): Promise<GrantOutcome>;
  balance(userId: string): Promise<Balance | null>;
  /** What moved this customer's available credits, newest first; the amounts of all pages add up to `available`. */
  listTransfers(query: PageQuery): Promise<readonly TransferEntry[]>;
  /** What administrators did, newest first. */
  listAudit(query: Omit<PageQuery, "userId">): Promise<readonly AuditEntry[]>;

  /** At most 64 at a time, decided in order; each outcome stands at its create's place. */
  createTasks(
    creates: readonly TaskCreate[],
    windowSize: number,
  ): Promise<readonly CreateOutcome[]>;
  findReplay(
    userId: string,
    route: string,
    key: string,
  ): Promise<{ bodyHash: string; response: string; taskId: string } | null>;
  findTask(taskId: string): Promise<Task | null>;
  /** This customer's tasks, newest first. Entries of one time are in order of their ids. */
  listTasks(query: TaskListQuery): Promise<readonly Task[]>;
  /** The version alone, for ETags and streams: cheap. */
  findTaskVersion(
    taskId: string,
  ): Promise<{ version: number; userId: string; status: Task["status"] } | null>;

  /** Marks the next tasks as sent while fewer than `windowSize` are, and gives their jobs. */
  dispatch(windowSize: number): Promise<readonly Job[]>;
  claim(taskId: string, workerId: string, leaseMs: number): Promise<Task | null>;
  /** One statement for all tasks of a process; gives back those still held. */
  renewLeases(claims: readonly Fenced[], leaseMs: number): Promise<readonly string[]>;
  /**
   * Commits that paid calls are about to be sent; gives the new version, or null. Where an earlier ask was never
   * answered or cleared, its outcome counts as unknown from now on.
   */
  markAsked(place: Fenced, asks: readonly AskWrite[]): Promise<number | null>;
  /**
   * After an answer that leaves nothing in flight: the steps may be asked again at once. Those that surely did not
   * run (`ran: "no"`) are not counted as asks either. False when the place is no longer ours.
   */
  clearAsks(
    place: Fenced,
    steps: readonly { step: StepName; index: number }[],
    ran: "no" | "yes",
  ): Promise<boolean>;
  /** Commits finished steps; gives the new version, or null. A step that is final already stays as it is. */
  checkpoint(place: Fenced, writes: readonly StepWrite[]): Promise<number | null>;
  /** Back to the queue; gives the new version, or null. */
  requeue(place: Fenced, write: RequeueWrite): Promise<number | null>;
  /**
   * The one door: state, resolution, transfers and the delivery that was asked for, in one transaction. Null: it was
   * not open to this caller.
   */
  settle(request: SettleRequest): Promise<(Settlement & { version: number }) | null>;
  sweep(limit: number): Promise<SweepFindings>;

  getSetting(name: string): Promise<string | null>;
  putSetting(name: string, value: string | null): Promise<void>;
  /** The database's clock, epoch milliseconds. */
  nowMs(): Promise<number>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

export const STORE_LIMITS = {
  createsPerBatchMax: 64,
  strandedAfterMs: 5_000,
  crashesMax: 5,
  /** A client's page has 100 at most; one more tells whether another page follows. */
  pageMax: 101,
} as const;
