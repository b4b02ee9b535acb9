/** Why a change failed, in the words of `StatusReasons`. */
export type StatusReason = { readonly ErrorCode: string; readonly ErrorMessage: string };

type ChangeKind = "Creating" | "Updating" | "Publishing" | "Deleting";

/** A change under way. The platform's actions are asynchronous: whoever asked has to look until it is settled. */
export type Settling = {
  /** "Creating", "Active", "CreateFailed" and so on (583/115197), as of the last look. */
  readonly state: string;
  /** Empty unless the change failed. */
  readonly reasons: readonly StatusReason[];
  /** One look from outside: a number of them pass before the change settles. */
  look(): Promise<void>;
};

const FAILED = {
  Creating: "CreateFailed",
  Updating: "UpdateFailed",
  Publishing: "PublishFailed",
  Deleting: "DeleteFailed",
} as const;

export type SettlingWork<T> = {
  readonly kind: ChangeKind;
  /** How many looks pass first. */
  readonly looks: number;
  /** Resolves to what was made, or to the reason why it was not. */
  readonly made: Promise<T | StatusReason>;
  /** Puts what was made in its place. */
  place(made: T): void;
};

/** Counts looks instead of time, so that a test needs no clock: after them the state is what the work came to. */
export function startSettling<T extends object>({
  kind,
  looks,
  made,
  place,
}: SettlingWork<T>): Settling {
  let state: string = kind;
  let reasons: readonly StatusReason[] = [];
  let looksLeft = looks;
  return {
    get state() {
      return state;
    },
    get reasons() {
      return reasons;
    },
    async look() {
      if (state !== kind) return;
      if (looksLeft > 0) {
        looksLeft -= 1;
        return;
      }
      const end = await made;
      // Two looks at one time: the first has settled it.
      if (state !== kind) return;
      if ("ErrorCode" in end) {
        state = FAILED[kind];
        reasons = [end];
        return;
      }
      place(end);
      state = "Active";
    },
  };
}

/** What needs no time: a function that the loopback cloud was started with. */
export const SETTLED: Settling = { state: "Active", reasons: [], look: async () => {} };
