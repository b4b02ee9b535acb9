/** Why a change failed, in the words of `StatusReasons`. */
export type StatusReason = { readonly ErrorCode: string; readonly ErrorMessage: string };

type ChangeKind = "Creating" | "Updating" | "Publishing" | "Deleting";

/** A change under way. The platform's actions are asynchronous: the caller has to poll until it is settled. */
export type PendingChange = {
  /** "Creating", "Active", "CreateFailed" and so on (583/115197), as of the last poll. */
  readonly state: string;
  /** Empty unless the change failed. */
  readonly reasons: readonly StatusReason[];
  /** One poll from outside: a number of them pass before the change settles. */
  poll(): Promise<void>;
};

const FAILED = {
  Creating: "CreateFailed",
  Updating: "UpdateFailed",
  Publishing: "PublishFailed",
  Deleting: "DeleteFailed",
} as const;

export type PendingWork<T> = {
  readonly kind: ChangeKind;
  /** How many polls pass first. */
  readonly polls: number;
  /** Resolves to what was made, or to the reason why it was not. */
  readonly made: Promise<T | StatusReason>;
  /** Puts what was made in its place. */
  apply(made: T): void;
};

/** Counts polls instead of time, so that a test needs no clock: after them the state is what the work came to. */
export function startPendingChange<T extends object>({
  kind,
  polls,
  made,
  apply,
}: PendingWork<T>): PendingChange {
  let state: string = kind;
  let reasons: readonly StatusReason[] = [];
  let pollsLeft = polls;
  return {
    get state() {
      return state;
    },
    get reasons() {
      return reasons;
    },
    async poll() {
      if (state !== kind) return;
      if (pollsLeft > 0) {
        pollsLeft -= 1;
        return;
      }
      const end = await made;
      // Two polls at one time: the first has settled it.
      if (state !== kind) return;
      if ("ErrorCode" in end) {
        state = FAILED[kind];
        reasons = [end];
        return;
      }
      apply(end);
      state = "Active";
    },
  };
}

/** What needs no time: a function that the emulated cloud was started with. */
export const SETTLED: PendingChange = { state: "Active", reasons: [], poll: async () => {} };
