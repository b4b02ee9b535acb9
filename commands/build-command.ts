import { stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildFunctions, type BuiltFunction } from "../scf-functions/deploy/build-functions.ts";

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

for (const { name, bytes } of await build(process.argv[2] ?? "dist")) {
  process.stdout.write(`${name.padEnd(20)} ${(bytes / 1_000_000).toFixed(2)} MB\n`);
}
