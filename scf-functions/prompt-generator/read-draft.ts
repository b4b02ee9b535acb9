import { type PromptDraft, promptDraftSchema } from "../../core/contracts/prompt-generator.ts";
import { parseJson } from "../call-provider.ts";

export type DraftReading =
  | { readonly ok: true; readonly draft: PromptDraft }
  | { readonly ok: false; readonly problem: string };

/**
 * Reads a model's answer leniently: code fences and text around the first JSON object are overlooked, and
 * a member that is null counts as left out. The content itself is checked strictly; `problem` says what is
 * wrong in words that the model can use.
 */
export function readDraft(text: string): DraftReading {
  const object = firstObject(text);
  if (object === undefined) return { ok: false, problem: "it holds no complete JSON object" };
  const value = parseJson(object);
  if (value === undefined) return { ok: false, problem: "its JSON has a syntax error" };
  const parsed = promptDraftSchema.safeParse(withoutNulls(value));
  if (parsed.success) return { ok: true, draft: parsed.data };
  const issues = parsed.error.issues.slice(0, 8);
  const problem = issues.map((issue) => `${issue.path.join(".") || "it"}: ${issue.message}`);
  return { ok: false, problem: problem.join("; ") };
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
