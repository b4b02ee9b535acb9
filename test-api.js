// The original command: node test-api.js [--url … --email … --password …]. Runs tests/deployment/test-api.ts.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const program = at("tests/deployment/test-api.ts");
const run = spawnSync(at("node_modules/.bin/bun"), [program, ...process.argv.slice(2)], {
  cwd: at("."),
  stdio: "inherit",
});
if (run.error) process.stderr.write(`❌ ${run.error.message}: run npm ci first\n`);
process.exit(run.status ?? 1);
