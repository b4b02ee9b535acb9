import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { z } from "zod";

/** `native`: sharp's binaries for Linux on x64 with glibc. `wasm`: its WebAssembly build, for any C library. */
export const IMAGE_LIBRARIES = ["native", "wasm"] as const;
export type ImageLibrary = (typeof IMAGE_LIBRARIES)[number];

/** A file to be packed: its path in the zip, with "/", and where it is now. */
export type PackedFile = { readonly path: string; readonly from: string };

export type ImageLibraryParts = {
  readonly files: readonly PackedFile[];
  /** The oldest glibc that it runs on, ">=2.28"; null when it needs none. */
  readonly glibc: string | null;
};

const BINARIES = {
  native: ["@img/sharp-linux-x64", "@img/sharp-libvips-linux-x64"],
  wasm: ["@img/sharp-wasm32"],
} as const;
const CURES = {
  native: "npm ci --os=linux --cpu=x64 --libc=glibc (or deploy with --image-library wasm)",
  wasm: "npm ci --include=dev",
} as const;
const PACKAGES_MAX = 20;
/** Of no use at run time. */
const LEFT_OUT = /^(src|install)\/|\.(md|map|d\.[cm]?ts|mjs)$/;

const packageSchema = z.object({
  version: z.string(),
  dependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
  config: z.object({ glibc: z.string().optional() }).optional(),
});

/**
 * sharp with the binaries of one kind and all that it requires, as a function finds them in `node_modules` beside its
 * index.js. Throws with the cure when the binaries are not installed here, or of another version than sharp's own.
 */
export async function imageLibraryParts(
  library: ImageLibrary,
  nodeModules: string,
): Promise<ImageLibraryParts> {
  const sharp = await readPackage(nodeModules, "sharp");
  if (sharp === null) throw new Error("sharp is not installed: npm ci");
  let glibc: string | null = null;
  for (const name of BINARIES[library]) {
    const found = await readPackage(nodeModules, name);
    const wanted = sharp.optionalDependencies[name] ?? sharp.version;
    if (found?.version !== wanted) {
      const what = found === null ? "is not installed" : `has version ${found.version}`;
      throw new Error(`${name} ${what}, sharp wants ${wanted}: ${CURES[library]}`);
    }
    glibc = found.config?.glibc ?? glibc;
  }
  const names = await withRequired(["sharp", ...BINARIES[library]], nodeModules);
  const files = await Promise.all(names.map((name) => filesOf(name, nodeModules)));
  return { files: files.flat(), glibc: library === "native" ? glibc : null };
}

async function withRequired(first: readonly string[], nodeModules: string): Promise<string[]> {
  const names = [...first];
  for (let at = 0; at < names.length; at += 1) {
    if (names.length > PACKAGES_MAX)
      throw new Error("the image library requires ever more packages");
    const name = names[at] ?? "";
    const found = await readPackage(nodeModules, name);
    if (found === null) throw new Error(`${name}, which sharp requires, is not installed: npm ci`);
    const more = Object.keys(found.dependencies).filter((one) => !names.includes(one));
    names.push(...more);
  }
  return names;
}

async function filesOf(name: string, nodeModules: string): Promise<PackedFile[]> {
  const folder = join(nodeModules, name);
  return (await listFiles(folder))
    .filter(({ path }) => !LEFT_OUT.test(path))
    .map(({ path, from }) => ({ path: `node_modules/${name}/${path}`, from }));
}

/** Every file below a folder. */
export async function listFiles(folder: string): Promise<PackedFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((from) => ({ path: relative(folder, from).replaceAll("\\", "/"), from }));
}

async function readPackage(nodeModules: string, name: string) {
  try {
    const text = await readFile(join(nodeModules, name, "package.json"), "utf8");
    return packageSchema.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
