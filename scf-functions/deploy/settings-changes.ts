import type { FunctionSettings } from "../../core/ports/function-platform.ts";
import { isSecretVariable } from "./function-variables.ts";

/** What differs, field by field, in words for a person; a secret's value is in none of them. */
export function settingsChanges(is: FunctionSettings, wanted: FunctionSettings): readonly string[] {
  const changes: string[] = [];
  const note = (field: string, from: string | number, to: string | number): void => {
    if (from !== to) changes.push(`${field} ${from} -> ${to}`);
  };
  note("memory (MB)", is.memoryMb, wanted.memoryMb);
  note("timeout (s)", is.timeoutSeconds, wanted.timeoutSeconds);
  if (wanted.role !== null) note("role", is.role ?? "none", wanted.role);
  return [...changes, ...variableChanges(is.environment, wanted.environment)];
}

type Variables = FunctionSettings["environment"];

function variableChanges(is: Variables, wanted: Variables): string[] {
  const names = [...new Set([...Object.keys(is), ...Object.keys(wanted)])].sort();
  return names
    .filter((name) => is[name] !== wanted[name])
    .map((name) => {
      if (wanted[name] === undefined) return `${name} removed`;
      const how = is[name] === undefined ? "added" : "changed";
      return isSecretVariable(name) ? `${name} ${how} (secret)` : `${name} ${how}: ${wanted[name]}`;
    });
}
