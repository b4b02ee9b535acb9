import type { FieldFault } from "../../core/model/field-faults.ts";
import { pointerOf } from "../../core/model/faults-of-issues.ts";

/** Deeper than any body of ours. */
const DEPTH_MAX = 20;
const FAULTS_MAX = 50;

/** Fields that hold prose, in which a line may end. */
const PROSE: ReadonlySet<unknown> = new Set(["prompt"]);

/** Names that JavaScript's own objects have another use for: they would be dropped unsaid. */
const RESERVED = "__proto__";

type Path = readonly (string | number)[];

/**
 * What no string and no name anywhere in a body, a query or a path may have in it: half a character, which makes JSON
 * unreadable to others, and control characters. Lines may end in prose alone.
 */
export function faultsOfText(value: unknown): FieldFault[] {
  const faults: FieldFault[] = [];
  const rest: { readonly path: Path; readonly value: unknown }[] = [{ path: [], value }];
  for (let next = rest.pop(); next !== undefined && faults.length < FAULTS_MAX; next = rest.pop()) {
    const { path } = next;
    if (typeof next.value === "string") {
      const found = faultOfString(next.value, PROSE.has(path.at(-1)));
      if (found !== null) faults.push({ pointer: pointerOf(path), ...found });
    }
    if (typeof next.value !== "object" || next.value === null) continue;
    if (path.length >= DEPTH_MAX) {
      const detail = `is nested deeper than ${DEPTH_MAX} levels`;
      return [{ pointer: pointerOf(path), code: "TOO_DEEP", detail }];
    }
    const inner = Object.entries(next.value);
    for (const [name, field] of inner.toReversed()) {
      const found = Array.isArray(next.value) ? null : faultOfName(name);
      // A name with half a character cannot be written into the answer.
      if (found !== null) faults.push({ pointer: pointerOf([...path, cleaned(name)]), ...found });
      else rest.push({ path: [...path, name], value: field });
    }
  }
  return faults;
}

type Found = Omit<FieldFault, "pointer">;

function faultOfName(name: string): Found | null {
  if (name !== RESERVED) return faultOfString(name, false);
  return { code: "NAME_RESERVED", detail: `a field cannot have the name ${RESERVED}: use another` };
}

function faultOfString(text: string, isProse: boolean): Found | null {
  if (!text.isWellFormed()) {
    const detail = "has half a character in it (a lone surrogate): send whole characters";
    return { code: "NOT_UNICODE", detail };
  }
  const found = (isProse ? /(?![\t\n\r])\p{Cc}/u : /\p{Cc}/u).exec(text)?.[0];
  if (found === undefined) return null;
  const shown = `U+${found.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
  const detail = /[\t\n\r]/.test(found)
    ? `has a line break or a tab in it (${shown}): it is one line of text`
    : `has a control character in it (${shown}): leave it out`;
  return { code: "CONTROL_CHARACTER", detail };
}

function cleaned(name: string): string {
  return name.toWellFormed().replaceAll(/\p{Cc}/gu, "\u{fffd}");
}
