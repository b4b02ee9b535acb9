import type { Progress } from "./deploy-function.ts";

type StepReport = {
  readonly step: string;
  readonly ok: boolean;
  readonly ms: number;
};

export type ProgressReport = Progress & {
  readonly steps: readonly StepReport[];
  start(text: string): void;
  failure(text: string): void;
};

/** One line a step, with its time; `write` gets whole lines and may leave them out. */
export function createProgress(write: (line: string) => void, nowMs: () => number): ProgressReport {
  const steps: StepReport[] = [];
  return {
    steps,
    start: (text) => write(`🚀 ${text}`),
    failure: (text) => write(`❌ ${text}`),
    info: (text) => write(`📊 ${text}`),
    async step(text, work) {
      const startedMs = nowMs();
      const end = (ok: boolean): void => {
        const ms = Math.round(nowMs() - startedMs);
        steps.push({ step: text, ok, ms });
        write(`${ok ? "✅" : "❌"} ${text} (${ms} ms)`);
      };
      try {
        const value = await work();
        end(true);
        return value;
      } catch (error) {
        end(false);
        throw error;
      }
    },
  };
}
