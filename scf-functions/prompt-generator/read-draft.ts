import { z } from "zod";
import {
  PROMPT_LIMITS,
  type PromptDraft,
  promptDraftSchema,
} from "../../core/function-schemas/prompt-generator.ts";
import { parseJson } from "../shared/call-provider.ts";
import { objectOf } from "../shared/provider-error.ts";
import { weakSpots } from "./weak-spots.ts";

export type DraftReading =
  /** `weak`: what could be better, but would do. */
  | { readonly ok: true; readonly draft: PromptDraft; readonly weak: readonly string[] }
  | { readonly ok: false; readonly problems: readonly string[] };

const PROBLEMS_MAX = 8;
const OBJECTS_MAX = 20;
/** Briefs that are too long can be read, told about and cut. */
const readSchema = promptDraftSchema.extend({
  promptZh: z.string().trim().min(10).max(4000),
  promptEn: z.string().trim().min(10).max(16_000),
});

/**
 * Reads a model's answer leniently: what it thought aloud, code fences and text around the JSON object are overlooked,
 * as are commas before a closing bracket and line breaks in a text; an object in a JSON string or under one other
 * member is taken out of it. A member that is null counts as left out, and points to avoid that cannot be used are
 * dropped. The rest is checked strictly (single quotes are no JSON: the model is asked to mend that); `problems` and
 * `weak` say what is wrong in words that the model can use.
 */
export function readDraft(text: string): DraftReading {
  const answer = withoutThoughts(text);
  const objects = objectsIn(innerText(answer));
  if (objects.length === 0) return { ok: false, problems: ["it holds no complete JSON object"] };
  const values = objects.flatMap((object) => parseLoosely(object) ?? []);
  const value = values.find(isDraftLike) ?? values[0];
  if (value === undefined) return { ok: false, problems: ["its JSON has a syntax error"] };
  const parsed = readSchema.safeParse(withUsableAvoid(withoutNulls(unwrapped(value))));
  if (parsed.success) return { ok: true, draft: parsed.data, weak: weakSpots(parsed.data) };
  const issues = parsed.error.issues.slice(0, PROBLEMS_MAX);
  const problems = issues.map((issue) => `${issue.path.join(".") || "it"}: ${issue.message}`);
  return { ok: false, problems };
}

/** What a reasoning model writes before its answer; all of it when the thought never ends. */
function withoutThoughts(text: string): string {
  const afterLast = text.split(/<\/(?:think|thinking|reasoning)>/i).at(-1) ?? "";
  return afterLast.replace(/<(?:think|thinking|reasoning)>[\s\S]*$/i, "");
}

/** The text itself, or the one that is quoted in it as a JSON string. */
function innerText(text: string): string {
  const value = parseJson(text.trim());
  return typeof value === "string" ? value : text;
}

/**
 * The texts from a brace to the one that closes it, those that stand in none, up to one that is cut off; braces inside
 * strings do not count.
 */
function objectsIn(text: string): string[] {
  const objects: string[] = [];
  let start = text.indexOf("{");
  while (start >= 0 && objects.length < OBJECTS_MAX) {
    const end = endOfObject(text, start);
    if (end === undefined) break;
    objects.push(text.slice(start, end));
    start = text.indexOf("{", end);
  }
  return objects;
}

function endOfObject(text: string, start: number): number | undefined {
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
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}

const STRING = /"(?:[^"\\]|\\[\s\S])*"/g;

/** JSON, or what becomes JSON without its commas before closing brackets and with its line breaks escaped. */
function parseLoosely(text: string): unknown {
  const value = parseJson(text);
  if (value !== undefined) return value;
  const strings: string[] = [];
  const bare = text.replaceAll(STRING, (string) => `"${strings.push(escapedBreaks(string)) - 1}"`);
  const mended = bare.replaceAll(/,(\s*[}\]])/g, "$1");
  return parseJson(mended.replaceAll(/"(\d+)"/g, (_, at: string) => strings[Number(at)] ?? ""));
}

const escapedBreaks = (string: string): string =>
  string.replaceAll("\r", "").replaceAll("\n", "\\n").replaceAll("\t", "\\t");

const hasPrompt = (value: unknown): boolean => objectOf(value)?.["promptEn"] !== undefined;
const isDraftLike = (value: unknown): boolean => hasPrompt(unwrapped(value));

/** A draft that is the one member of another object, as in `{"result": {...}}`, is taken out of it. */
function unwrapped(value: unknown): unknown {
  const members = Object.values(objectOf(value) ?? {});
  return members.length === 1 && hasPrompt(members[0]) ? members[0] : value;
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
