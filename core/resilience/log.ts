import type { Log, LogFields } from "../ports/log.ts";

type LogOptions = {
  /** `json`: one object a line, for production; `pretty`: for a terminal. */
  readonly format: "json" | "pretty";
  /** `quiet` keeps failures only. */
  readonly level: "all" | "quiet";
  readonly write: (line: string) => void;
  readonly nowMs: () => number;
};

const MARKS = { start: "🚀", success: "✅", failure: "❌", info: "📊" } as const;
type Kind = keyof typeof MARKS;

/** Fields whose names look like secrets are never written. */
const SECRET = /secret|passw|token|authorization|signature|cookie|(?:api|session)[-_]?key/i;

export function createLog(options: LogOptions): Log {
  const line = (kind: Kind, message: string, fields: LogFields, error?: unknown) => {
    if (options.level === "quiet" && kind !== "failure") return;
    const shown = Object.entries(fields).filter(([, value]) => value !== undefined);
    const safe = shown.map(([name, value]) => [name, SECRET.test(name) ? "[hidden]" : value]);
    const text = `${MARKS[kind]} ${message}`;
    if (options.format === "json") {
      // oxlint-disable-next-line no-restricted-globals -- it writes a time that it is given
      const time = new Date(options.nowMs()).toISOString();
      const failure = error === undefined ? {} : { error };
      const whole = { time, kind, message: text, ...Object.fromEntries(safe), ...failure };
      options.write(JSON.stringify(whole, hideSecrets));
      return;
    }
    const tail = safe.map(([name, value]) => `${name}=${textOf(value)}`).join(" ");
    options.write([text, tail, error ?? ""].filter((part) => part !== "").join("  "));
  };
  return {
    start: (message, fields = {}) => line("start", message, fields),
    success: (message, fields = {}) => line("success", message, fields),
    info: (message, fields = {}) => line("info", message, fields),
    failure: (message, error, fields = {}) => line("failure", message, fields, describe(error)),
  };
}

/** The stack of our own errors and of others; plain objects by their text. */
function describe(error: unknown): string | undefined {
  if (error === null || error === undefined) return undefined;
  if (error instanceof Error) {
    const cause = error.cause === undefined ? "" : ` caused by ${describe(error.cause) ?? ""}`;
    return `${error.stack ?? error.message}${cause}`;
  }
  return JSON.stringify(error, hideSecrets);
}

/** Secrets lie within objects too, however deep. */
function hideSecrets(name: string, value: unknown): unknown {
  return SECRET.test(name) ? "[hidden]" : value;
}

function textOf(value: unknown): string {
  return typeof value === "object" && value !== null
    ? JSON.stringify(value, hideSecrets)
    : String(value);
}
