import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { testEnvironment } from "./test-environment.ts";

export type BatchResult = { readonly ok: boolean; readonly text: string; readonly junit: string };

/** What each process of Bun says about itself alone; the totals stand at the end of the run. */
const OWN_TOTALS =
  /^(bun test v.*|\s*\d+ (pass|fail|skip|expect\(\) calls)|Ran \d+ tests? across .*)$/;

/** Runs these files in one process of Bun's test runner; resolves always, with what it printed. */
export function runBatch(
  files: readonly string[],
  report: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<BatchResult> {
  const flags = ["--reporter=junit", `--reporter-outfile=${report}`];
  const paths = files.map((path) => `./${path}`);
  const child = spawn(process.execPath, ["test", ...flags, ...paths], {
    env: { ...testEnvironment(process.env), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (part: string) => (text += part));
  }
  return new Promise((resolve) => {
    child.once("close", (code) => {
      const lines = text.split("\n").filter((line) => !OWN_TOTALS.test(line));
      resolve({
        ok: code === 0,
        text: lines.join("\n").replaceAll(/\n{3,}/g, "\n\n"),
        junit: existsSync(report) ? readFileSync(report, "utf8") : "",
      });
    });
  });
}
