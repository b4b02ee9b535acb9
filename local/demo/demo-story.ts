import type { DemoReport } from "./demo-report.ts";
import type { ServerEvent } from "./read-events.ts";

/** What the demo prints while it runs: lines for people, or nothing until the JSON object at the end. */
export type DemoStory = { print(line: string): void; event(event: ServerEvent): void };

const STEP_WORDS: Record<string, string> = {
  import: "photo read",
  preprocess: "photo prepared",
  prompt: "prompt written",
  generate: "picture made",
  postprocess: "picture finished",
};

export function createDemoStory(json: boolean): DemoStory {
  const startedMs = performance.now();
  const print = (line: string) => {
    if (json) return;
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1).padStart(5);
    process.stdout.write(`${seconds}s  ${line}\n`);
  };
  return {
    print,
    event(event) {
      const line = describe(event);
      if (line !== null) print(line);
    },
  };
}

type Facts = {
  step?: string;
  index?: number;
  state?: string;
  durationMs?: number;
  stepsDone?: number;
  stepsTotal?: number;
  until?: string;
  reason?: string;
  attempt?: number;
  degradation?: {
    step: string;
    index: number;
    reason: string;
    usedInstead: string;
    creditsReturned: number;
  };
};

function describe({ type, data }: ServerEvent): string | null {
  const facts = data as Facts; // our own API's answer
  switch (type) {
    case "task.queued":
      return `⏳ queued (${facts.reason ?? ""})`;
    case "task.started":
      return `🚀 started, attempt ${facts.attempt ?? 1}`;
    case "task.step": {
      const { step = "", index = 0, durationMs = 0, stepsDone = 0, stepsTotal = 0 } = facts;
      if (facts.state === "asked") return null;
      if (facts.state === "in-doubt")
        return `⏳ ${step} ${index + 1}: its answer was lost; looked for until ${facts.until ?? ""}`;
      const words = facts.state === "done" ? (STEP_WORDS[step] ?? step) : `${step} refused`;
      const mark = facts.state === "done" ? "✅" : "❌";
      return `${mark} ${words} ${index + 1}  ${durationMs} ms  [${stepsDone}/${stepsTotal}]`;
    }
    case "task.degraded": {
      const {
        step = "",
        reason = "",
        usedInstead = "",
        creditsReturned = 0,
      } = facts.degradation ?? {};
      return `📊 ${step} (${reason}): used instead: ${usedInstead}; ${creditsReturned} credits return`;
    }
    case "task.image.preview":
    case "task.image":
    case "task.snapshot":
    case "task.waiting":
      return null;
    default:
      return `🏁 ${type.replace("task.", "")}`;
  }
}

export function printReport(report: DemoReport): void {
  const { held, charged, refunded } = report.cost;
  const lines = [
    "",
    ...report.images.map(
      ({ path, width, height, bytes, provider }) =>
        `🖼  ${path}  ${width}x${height}  ${Math.ceil(bytes / 1024)} KB  by ${provider}`,
    ),
    ...(report.contactSheet === null ? [] : [`📇 ${report.contactSheet}`]),
    ...(report.prompt === null
      ? []
      : ["", `Prompt    ${report.prompt.zh}`, `          ${report.prompt.en}`]),
    "",
    `Degraded  ${report.degradations.length === 0 ? "nothing" : report.degradations.map(({ step }) => step).join(", ")}`,
    `Credits   held ${held}, charged ${charged}, returned ${refunded}`,
    `Ledger    ${report.ledgerVerified ? "every invariant holds" : "BROKEN: npm run ledger:verify"}`,
    ...(report.error === null ? [] : [`Error     ${report.error.message} (${report.error.code})`]),
    `Engines   ${report.engines.database.name} ${report.engines.database.version}: ${report.engines.database.rows} rows written`,
    `          ${queueLine(report.engines.queue)}`,
    `Status    ${report.status} after ${seconds(report.endedMs)} s (${seconds(report.totalMs)} s with fetching and checking)`,
    "",
  ];
  process.stdout.write(lines.join("\n"));
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(1);

function queueLine({ name, version, jobs }: DemoReport["engines"]["queue"]): string {
  return `${[name, version].filter((part) => part !== null).join(" ")}: ${jobs} jobs run`;
}
