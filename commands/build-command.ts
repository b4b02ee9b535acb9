import { stat } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { buildFunctions, type BuiltFunction } from "../scf-functions/deploy/build-functions.ts";

const USAGE = `npm run build -- [FOLDER]

Bundles the three functions, the api and the worker into FOLDER (dist).`;

const PROJECT = fileURLToPath(new URL("..", import.meta.url));
const PROCESSES = ["api", "worker"] as const;

/**
 * `npm run build`: the three functions to `dist/functions/`, and `dist/api.js` and `dist/worker.js`, which run on Bun
 * and on Node >= 22 beside their node_modules. Sources run unbuilt as well; a bundle starts faster.
 */
async function build(outDir: string): Promise<readonly BuiltFunction[]> {
  const functions = await buildFunctions(join(outDir, "functions"));
  const processes = await Promise.all(
    PROCESSES.map(async (name) => {
      await Bun.build({
        entrypoints: [join(PROJECT, name, "main.ts")],
        outdir: outDir,
        naming: `${name}.js`,
        target: "node",
        packages: "external",
      });
      const file = join(outDir, `${name}.js`);
      return { name, file, bytes: (await stat(file)).size };
    }),
  );
  return [...functions, ...processes];
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: "boolean", default: false } },
  });
  const [outDir = "dist", ...more] = positionals;
  if (values.help || more.length > 0) {
    process.stdout.write(`${USAGE}\n`);
    return values.help ? 0 : 1;
  }
  for (const { name, bytes } of await build(outDir)) {
    process.stdout.write(`${name.padEnd(20)} ${(bytes / 1_000_000).toFixed(2)} MB\n`);
  }
  return 0;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(
      `❌ ${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`,
    );
    process.exit(1);
  },
);
