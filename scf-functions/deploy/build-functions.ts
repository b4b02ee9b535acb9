import { spawnSync } from "node:child_process";
import { cp, mkdir, stat, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export type BuiltFunction = {
  readonly name: string;
  readonly file: string;
  readonly bytes: number;
};

/** The folders beside this file that are deployed. */
const NAMES = ["ai-image-processor", "prompt-generator", "image-generator"] as const;
/** Folders that a function reads at run time; they travel beside its index.js. */
const ASSETS = {
  "ai-image-processor": ["fonts"],
  "prompt-generator": [],
  "image-generator": [],
} as const satisfies Record<(typeof NAMES)[number], readonly string[]>;
/** Programs that a function starts beside itself; each is a bundle of its own beside its index.js, named after its file. */
const PROGRAMS = {
  "ai-image-processor": ["cut-out/garment-worker.ts"],
  "prompt-generator": [],
  "image-generator": [],
} as const satisfies Record<(typeof NAMES)[number], readonly string[]>;
/** Native: its binaries travel beside the bundle, in node_modules or a layer. */
const EXTERNAL = ["sharp"];

/** The bundler writes the building machine's folder wherever a source asks for its own: this asks at run time. */
const BANNER = "globalThis.functionFolder = __dirname;";

const here = fileURLToPath(new URL("..", import.meta.url));

/**
 * Bundles each function to `<outDir>/<name>/index.js`, and each program that it starts beside that: one CommonJS file each for Node 20 with everything inside
 * but sharp, and a `package.json` that says CommonJS, since the repository itself says "module" (a child
 * started here would otherwise read `index.js` as ESM). Files that it reads are copied beside it. Under Node the bundler is the local bun binary.
 */
export async function buildFunctions(outDir = "dist/functions"): Promise<BuiltFunction[]> {
  return Promise.all(
    NAMES.map(async (name) => {
      const folder = resolve(outDir, name);
      const file = join(folder, "index.js");
      await mkdir(folder, { recursive: true });
      for (const entry of ["index.ts", ...PROGRAMS[name]]) {
        await bundle(join(here, name, entry), folder);
      }
      await writeFile(join(folder, "package.json"), '{"type":"commonjs"}\n');
      for (const asset of ASSETS[name]) {
        await cp(join(here, name, asset), join(folder, asset), { recursive: true });
      }
      return { name, file, bytes: (await stat(file)).size };
    }),
  );
}

const bundleName = (entry: string) => `${basename(entry, ".ts")}.js`;

async function bundle(entry: string, folder: string): Promise<void> {
  if (typeof Bun === "undefined") return bundleByCommand(entry, folder);
  // Throws an AggregateError that reports each fault with its position.
  await Bun.build({
    entrypoints: [entry],
    outdir: folder,
    naming: bundleName(entry),
    target: "node",
    format: "cjs",
    external: EXTERNAL,
    banner: BANNER,
    minify: false,
  });
}

function bundleByCommand(entry: string, folder: string): void {
  const bun = resolve(here, "..", "node_modules", ".bin", "bun");
  const flags = ["--target=node", "--format=cjs", `--banner=${BANNER}`];
  flags.push(`--outfile=${join(folder, bundleName(entry))}`);
  const externals = EXTERNAL.flatMap((name) => ["--external", name]);
  const run = spawnSync(bun, ["build", entry, ...flags, ...externals], { encoding: "utf8" });
  if (run.status !== 0) throw new Error(`bun build ${entry} failed: ${run.stderr}`);
}

// Not `import.meta.main`, which Node before 24 lacks.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { name, bytes } of await buildFunctions(process.argv[2])) {
    process.stdout.write(`${name}  ${(bytes / 1_000_000).toFixed(2)} MB\n`);
  }
}
