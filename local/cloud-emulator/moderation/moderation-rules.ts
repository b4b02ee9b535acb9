import { z } from "zod";

/** A rule that tests and operators set: what is said of texts with these words, or of pictures at such an address. */
export const moderationRuleSchema = z.strictObject({
  kind: z.enum(["text", "picture"]),
  /** A part of the text, or of the picture's address. */
  match: z.string().min(1).max(500),
  suggestion: z.enum(["Pass", "Review", "Block"]),
  label: z.string().min(1).max(64).default("Illegal"),
});
type ModerationRule = z.infer<typeof moderationRuleSchema>;

/** A fault: what happens to the next calls instead. */
export const moderationFaultSchema = z.strictObject({
  kind: z.enum(["api-error", "http", "hang", "garbage"]),
  code: z.string().min(1).default("InternalError"),
  status: z.number().int().min(300).max(599).default(500),
  /** 0 = until cleared. */
  times: z.number().int().min(0).max(100_000).default(1),
});
type ModerationFault = z.infer<typeof moderationFaultSchema>;

type ModerationCall = {
  readonly action: string;
  readonly dataId: string;
  readonly reply: string;
};

export type ModerationRules = {
  add(rule: ModerationRule): void;
  addFault(fault: ModerationFault): void;
  clear(): void;
  verdictOn(kind: ModerationRule["kind"], content: string): Verdict;
  /** The fault that this call meets, if any; counts the call. */
  nextFault(): ModerationFault | undefined;
  note(call: ModerationCall): void;
  calls(): readonly ModerationCall[];
};

export type Verdict = Pick<ModerationRule, "suggestion" | "label">;

/** Words that are judged without any rule, so that one can try it by hand. */
const WORDS: readonly ModerationRule[] = [
  { kind: "text", match: "违禁", suggestion: "Block", label: "Illegal" },
  { kind: "text", match: "forbidden-word", suggestion: "Block", label: "Illegal" },
  { kind: "text", match: "可疑", suggestion: "Review", label: "Ad" },
  { kind: "text", match: "doubtful-word", suggestion: "Review", label: "Ad" },
];
const KEPT_MAX = 1_000;

export function createModerationRules(): ModerationRules {
  let rules: ModerationRule[] = [];
  let faults: ModerationFault[] = [];
  let calls: ModerationCall[] = [];
  return {
    add(rule) {
      rules = [rule, ...rules].slice(0, KEPT_MAX);
    },
    addFault(fault) {
      faults = [...faults, fault].slice(-KEPT_MAX);
    },
    clear() {
      [rules, faults, calls] = [[], [], []];
    },
    verdictOn(kind, content) {
      const found = [...rules, ...WORDS].find(
        (rule) => rule.kind === kind && content.includes(rule.match),
      );
      return found ?? { suggestion: "Pass", label: "Normal" };
    },
    nextFault() {
      const [due, ...others] = faults;
      if (due === undefined || due.times === 0) return due;
      faults = due.times === 1 ? others : [{ ...due, times: due.times - 1 }, ...others];
      return due;
    },
    note(call) {
      calls = [...calls, call].slice(-KEPT_MAX);
    },
    calls: () => calls,
  };
}
