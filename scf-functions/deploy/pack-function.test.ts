import { afterEach, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { unzipSync } from "fflate";
import { buildFunctions } from "./build-functions.ts";
import { startTestCos } from "../testing/cos.fixture.ts";
import { imageLibraryParts } from "./image-library.ts";
import { packFunction } from "./pack-function.ts";
import { PICTURE_PNG } from "./try-out-picture.ts";

const NODE_MODULES = fileURLToPath(new URL("../../node_modules", import.meta.url));
const folders: string[] = [];
afterEach(async () => {
  await Promise.all(folders.splice(0).map((one) => rm(one, { recursive: true, force: true })));
});

async function newFolder(files: Readonly<Record<string, string | Uint8Array>> = {}) {
  const folder = await mkdtemp(join(tmpdir(), "drape-pack-"));
  folders.push(folder);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

describe("a package", () => {
  test("of the same files is the same bytes, whatever their times, order and the zone", async () => {
    const files = { "index.js": "1", "fonts/a.ttf": "2", "package.json": "3" };
    const one = await newFolder(files);
    const other = await newFolder(Object.fromEntries(Object.entries(files).toReversed()));
    await utimes(join(other, "index.js"), 1, 1);

    const first = await packFunction({ name: "f", folder: one }, []);
    const zone = process.env["TZ"];
    process.env["TZ"] = "Asia/Shanghai";
    const second = await packFunction({ name: "f", folder: other }, []);
    if (zone === undefined) delete process.env["TZ"];
    else process.env["TZ"] = zone;

    expect(second.sha256).toBe(first.sha256);
    expect(second.zip).toEqual(first.zip);
    expect(first.key).toBe(`deploy/f-${first.sha256}.zip`);
    expect(Object.keys(unzipSync(first.zip))).toEqual(["fonts/a.ttf", "index.js", "package.json"]);
  });

  test("has another name when a byte moves from a file's name to its content, or to the next file", async () => {
    const contents = [
      { a: "bc", d: "" },
      { ab: "c", d: "" },
      { a: "b", d: "c" },
    ];

    const packages = await Promise.all(
      contents.map(async (files) =>
        packFunction({ name: "f", folder: await newFolder(files) }, []),
      ),
    );

    expect(new Set(packages.map(({ key }) => key)).size).toBe(3);
  });

  test("with one byte changed has another name", async () => {
    const one = await packFunction({ name: "f", folder: await newFolder({ "index.js": "1" }) }, []);
    const two = await packFunction({ name: "f", folder: await newFolder({ "index.js": "2" }) }, []);

    expect(two.key).not.toBe(one.key);
  });

  test("that is too large is refused with both sizes, unpacked and zipped", async () => {
    const folder = await newFolder({ "index.js": "x".repeat(3 * 1024 * 1024) });
    const pack = (zipBytesMax: number, codeBytesMax: number) =>
      packFunction({ name: "f", folder }, [], { zipBytesMax, codeBytesMax });

    await expect(pack(1e9, 1024 * 1024)).rejects.toThrow(
      "f unpacked has 3.0 MB, and SCF takes 1.0 MB",
    );
    await expect(pack(100, 1e9)).rejects.toThrow("f zipped has");
  });
});

describe("the image library", () => {
  test("of each kind brings its own binaries and not the other's", async () => {
    const native = await imageLibraryParts("native", NODE_MODULES);
    const wasm = await imageLibraryParts("wasm", NODE_MODULES);
    const has = (parts: typeof native, name: string) =>
      parts.files.some(({ path }) => path.startsWith(`node_modules/${name}/`));

    expect(native.glibc).toBe(">=2.28");
    expect(wasm.glibc).toBeNull();
    for (const parts of [native, wasm]) expect(has(parts, "sharp")).toBe(true);
    expect(has(native, "@img/sharp-linux-x64") && has(native, "@img/sharp-libvips-linux-x64")).toBe(
      true,
    );
    expect(has(native, "@img/sharp-wasm32")).toBe(false);
    expect(has(wasm, "@img/sharp-wasm32") && has(wasm, "@emnapi/runtime")).toBe(true);
    expect(has(wasm, "@img/sharp-linux-x64")).toBe(false);
  });

  test("that is not installed, or of another version, is refused with the cure", async () => {
    const manifest = (name: string, version: string, more = {}) => ({
      [`${name}/package.json`]: JSON.stringify({ version, ...more }),
    });
    const sharp = manifest("sharp", "1.0.0", {
      optionalDependencies: { "@img/sharp-linux-x64": "1.0.0" },
    });
    const without = await newFolder(sharp);
    const older = await newFolder({ ...sharp, ...manifest("@img/sharp-linux-x64", "0.9.0") });

    await expect(imageLibraryParts("native", without)).rejects.toThrow(
      "@img/sharp-linux-x64 is not installed, sharp wants 1.0.0: npm ci --os=linux",
    );
    await expect(imageLibraryParts("native", older)).rejects.toThrow("has version 0.9.0");
    await expect(imageLibraryParts("wasm", without)).rejects.toThrow("npm ci --include=dev");
  });

  test("as WebAssembly works on a picture under Node, from the unpacked zip of the real bundle", async () => {
    const built = await newFolder();
    await buildFunctions(built);
    const { files } = await imageLibraryParts("wasm", NODE_MODULES);
    const bundle = { name: "ai-image-processor", folder: join(built, "ai-image-processor") };
    const { zip } = await packFunction(bundle, files);
    const unpacked = await newFolder(unzipSync(zip));
    await using cos = await startTestCos();
    cos.entries.set("a.png", { body: Buffer.from(PICTURE_PNG), headers: {} });
    const event = {
      action: "preprocess",
      from: "a.png",
      to: "b.webp",
      operations: { resize: { width: 32, height: 32, mode: "inside" }, format: "webp" },
    };

    const { answer, versions } = await runInNode(unpacked, event, cos.port);

    expect(answer).toMatchObject({ ok: true, result: { width: 32, height: 32, format: "webp" } });
    expect(versions).toHaveProperty("emscripten");
  });
});

const CHILD = `
const [folder, event] = process.argv.slice(1);
const context = { request_id: "r", function_name: "f", time_limit_in_ms: 20000 };
require(folder + "/index.js").main_handler(JSON.parse(event), context).then((answer) => {
  const { versions } = require(folder + "/node_modules/sharp");
  process.stdout.write("\\nANSWER " + JSON.stringify({ answer, versions }) + "\\n", () => process.exit(0));
});`;

async function runInNode(folder: string, event: unknown, port: number) {
  const env = {
    PATH: process.env["PATH"] ?? "",
    COS_BUCKET: "photos-1250000000",
    COS_REGION: "ap-guangzhou",
    COS_ENDPOINT: `127.0.0.1:${port}`,
    COS_SECRET_ID: "AKIDtest",
    COS_SECRET_KEY: "secret-of-the-store",
  };
  const child = Bun.spawn(["node", "-e", CHILD, folder, JSON.stringify(event)], {
    env,
    cwd: folder,
  });
  const out = await new Response(child.stdout).text();
  return JSON.parse(/^ANSWER (.*)$/m.exec(out)?.[1] ?? "null") as {
    answer: unknown;
    versions: object;
  }; // written by CHILD above
}
