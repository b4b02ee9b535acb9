type Row = { readonly port: string; readonly adapter: string; readonly tests: number };

/** Names of the contract suites: `<Port> on <adapter>`. */
const SUITE = /<testsuite name="([A-Z]\w+) on ([^"]+)"[^>]*? tests="(\d+)"/g;
const PORTS = new Set([
  "Store",
  "TaskQueue",
  "EventLog",
  "Cache",
  "RateLimiter",
  "Slots",
  "Roster",
  "Notices",
  "FunctionInvoker",
  "ObjectStore",
]);

/** How many tests of each port's contract each adapter ran, and whether all adapters of a port ran as many. */
export function contractTable(junit: string): { text: string; even: boolean } {
  const rows = [...junit.matchAll(SUITE)]
    .map(([, port = "", adapter = "", tests = "0"]): Row => ({
      port,
      adapter,
      tests: Number(tests),
    }))
    .filter(({ port }) => PORTS.has(port));
  const ports = [...new Set(rows.map(({ port }) => port))].sort();
  const lines = ports.map((port) => {
    const adapters = rows.filter((row) => row.port === port);
    const counts = adapters.map(({ adapter, tests }) => `${adapter} ${tests}`);
    return `  ${port.padEnd(16)} ${counts.join("   ")}`;
  });
  const even = ports.every(
    (port) => new Set(rows.filter((row) => row.port === port).map(({ tests }) => tests)).size === 1,
  );
  return { text: ["Contract tests by port and adapter:", ...lines].join("\n"), even };
}
