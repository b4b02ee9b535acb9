import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

type Row = {
  readonly port: string;
  readonly adapter: string;
  readonly tests: number;
  readonly ran: number;
};

/** Names of the contract suites: `<Port> on <adapter>`. */
const SUITE = /<testsuite name="([A-Z]\w+) on ([^"]+)"[^>]*? tests="(\d+)"[^>]*? skipped="(\d+)"/g;
const DECLARED = /describe\(`([A-Z]\w+) on \$\{name\}`/g;
const CONTRACTS = join(import.meta.dir, "../../core/ports/contracts");

/** The ports that have a contract suite, by the files that hold them. */
export function contractPorts(folder = CONTRACTS): readonly string[] {
  const files = readdirSync(folder).filter((name) => name.endsWith(".contract.ts"));
  const texts = files.map((name) => readFileSync(join(folder, name), "utf8"));
  return texts.flatMap((text) => [...text.matchAll(DECLARED)].map(([, port = ""]) => port)).sort();
}

/**
 * How many tests of each port's contract each adapter ran. A fault is a port that no adapter was tried on, or whose
 * adapters ran different numbers; an adapter whose whole suite was skipped is told and counts for neither.
 */
export function contractTable(
  junit: string,
  ports = contractPorts(),
): { readonly text: string; readonly faults: readonly string[] } {
  const rows = [...junit.matchAll(SUITE)].map(
    ([, port = "", adapter = "", tests = "0", skipped = "0"]): Row => ({
      port,
      adapter,
      tests: Number(tests),
      ran: Number(tests) - Number(skipped),
    }),
  );
  const faults: string[] = [];
  const lines = ports.map((port) => {
    const own = rows.filter((row) => row.port === port);
    const ran = own.filter((row) => row.ran > 0);
    if (ran.length === 0) faults.push(`the contract of ${port} ran on no adapter`);
    if (new Set(ran.map((row) => row.ran)).size > 1)
      faults.push(`the adapters of ${port} ran different numbers of tests`);
    const counts = own.map((row) => `${row.adapter} ${row.ran > 0 ? row.ran : "SKIPPED"}`);
    return `  ${port.padEnd(16)} ${counts.join("   ")}`;
  });
  return { text: ["Contract tests by port and adapter:", ...lines].join("\n"), faults };
}
