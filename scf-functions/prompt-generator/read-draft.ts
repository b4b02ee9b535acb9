import { z } from "zod";
import {
  PROMPT_LIMITS,
  type PromptDraft,
  promptDraftSchema,
} from "../../core/function-schemas/prompt-generator.ts";
import { parseJson } from "../shared/call-provider.ts";
import { weakSpots } from "./weak-spots.ts";

export type DraftReading =
  /** `weak`: what could be better, but would do. */
  | { readonly ok: true; readonly draft: PromptDraft; readonly weak: readonly string[] }
  | { readonly ok: false; readonly problems: readonly string[] };

const PROBLEMS_MAX = 8;
/** Briefs that are too long can be read, told about and cut. */
const readSchema = promptDraftSchema.extend({
  promptZh: z.string().trim().min(10).max(4000),
  promptEn: z.string().trim().min(10).max(16_000),
});

/**
 * Reads a model's answer leniently: code fences and text around the first JSON object are overlooked, a member
 * that is null counts as left out, and points to avoid that cannot be used are dropped. The rest is checked
 * strictly; `problems` and `weak` say what is wrong in words that the model can use.
 */
export function readDraft(text: string): DraftReading {
  const object = firstObject(text);
  if (object === undefined) return { ok: false, problems: ["it holds no complete JSON object"] };
  const value = parseJson(object);
  if (value === undefined) return { ok: false, problems: ["its JSON has a syntax error"] };
  const parsed = readSchema.safeParse(withUsableAvoid(withoutNulls(value)));
  if (parsed.success) return { ok: true, draft: parsed.data, weak: weakSpots(parsed.data) };
  const issues = parsed.error.issues.slice(0, PROBLEMS_MAX);
  const problems = issues.map((issue) => `${issue.path.join(".") || "it"}: ${issue.message}`);
  return { ok: false, problems };
}

/** The text from the first brace to the one that closes it; braces inside strings do not count. */
function firstObject(text: string): string | undefined {
  const start = text.indexOf("{");
  if (start < 0) return undefined;
  let depth = 0;
  let isInString = false;
  for (let at = start; at < text.length; at += 1) {
    const letter = text[at];
    if (isInString) {
      if (letter === "\\") at += 1;
      else if (letter === '"') isInString = false;
    } else if (letter === '"') isInString = true;
    else if (letter === "{") depth += 1;
    else if (letter === "}") {
      depth -= 1;
      if (depth === 0) return text.slice(start, at + 1);
    }
  }
  return undefined;
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(kept.map(([name, member]) => [name, withoutNulls(member)]));
}

/** These points are good to have, but not worth another paid question. */
function withUsableAvoid(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("avoid" in value)) return value;
  const { avoid } = value;
  const points = (Array.isArray(avoid) ? avoid : [])
    .filter((point) => typeof point === "string")
    .map((point) => point.trim())
    .filter((point) => point !== "" && point.length <= 100);
  return { ...value, avoid: [...new Set(points)].slice(0, PROMPT_LIMITS.avoidMax) };
}
