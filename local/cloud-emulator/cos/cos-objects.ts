import { createHash, randomUUID } from "node:crypto";
import { link, mkdir, open, readdir, rename, rm, unlink } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { CosError } from "./cos-error.ts";

const factsSchema = z.object({
  key: z.string(),
  bytes: z.number().int().nonnegative(),
  contentType: z.string(),
  /** MD5 of the body in hex; the wire puts it in quotes. */
  etag: z.string(),
  storedAtMs: z.number(),
  /** x-cos-meta-* and the like, sent back as they came. */
  headers: z.record(z.string(), z.string()),
});
export type StoredObject = z.infer<typeof factsSchema>;

type NewObject = {
  readonly key: string;
  readonly body: Buffer;
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly forbidOverwrite: boolean;
};

/** Objects on disk, one file each: facts and body together, so that one rename makes both true at once. */
export type CosObjects = {
  /** Throws FileAlreadyExists when the key is taken and may not be overwritten. */
  put(object: NewObject): Promise<StoredObject>;
  facts(key: string): Promise<StoredObject | null>;
  /** The bytes from `start` to `end`, both included. */
  read(key: string, start: number, end: number): Promise<Buffer | null>;
  delete(key: string): Promise<void>;
  /** Every object whose key starts with `prefix`, by key. */
  list(prefix: string): Promise<StoredObject[]>;
};

const HEAD_BYTES = 4;

export async function openCosObjects(dir: string): Promise<CosObjects> {
  const temporary = join(dir, "temporary");
  // What an interrupted write left behind.
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });

  return {
    async put({ key, body, contentType, headers, forbidOverwrite }) {
      const etag = createHash("md5").update(body).digest("hex");
      const storedAtMs = Date.now();
      const facts = { key, bytes: body.byteLength, contentType, etag, storedAtMs, headers };
      const from = join(temporary, randomUUID());
      const to = fileOf(dir, key);
      await mkdir(join(to, ".."), { recursive: true });
      await writeObject(from, facts, body);
      if (!forbidOverwrite) {
        await rename(from, to);
        return facts;
      }
      // A link fails when the name is taken, so of two writers one wins.
      const taken = await link(from, to).then(() => false, isTaken);
      await unlink(from);
      if (taken) throw new CosError("FileAlreadyExists", "The object exists already.");
      return facts;
    },
    facts: async (key) => (await readHead(fileOf(dir, key)))?.facts ?? null,
    async read(key, start, end) {
      const head = await readHead(fileOf(dir, key));
      if (head === null) return null;
      const bytes = Math.max(0, Math.min(end, head.facts.bytes - 1) - start + 1);
      return await readAt(fileOf(dir, key), head.bodyAt + start, bytes);
    },
    async delete(key) {
      await rm(fileOf(dir, key), { force: true });
    },
    async list(prefix) {
      const found: StoredObject[] = [];
      for (const file of await filesIn(dir)) {
        const facts = (await readHead(file))?.facts;
        if (facts?.key.startsWith(prefix)) found.push(facts);
      }
      return found.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
    },
  };
}

/** A key can be anything; a hash of it is a safe name on every file system. */
function fileOf(dir: string, key: string): string {
  const name = createHash("sha256").update(key).digest("hex");
  return join(dir, name.slice(0, 2), `${name}.object`);
}

async function writeObject(file: string, facts: StoredObject, body: Buffer): Promise<void> {
  const json = Buffer.from(JSON.stringify(facts));
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(json.byteLength);
  const handle = await open(file, "wx");
  try {
    await handle.writeFile(Buffer.concat([head, json, body]));
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readHead(file: string): Promise<{ facts: StoredObject; bodyAt: number } | null> {
  const length = await readAt(file, 0, HEAD_BYTES);
  if (length === null) return null;
  const bytes = length.readUInt32BE();
  const json = await readAt(file, HEAD_BYTES, bytes);
  if (json === null) return null;
  return { facts: factsSchema.parse(JSON.parse(json.toString())), bodyAt: HEAD_BYTES + bytes };
}

async function readAt(file: string, position: number, bytes: number): Promise<Buffer | null> {
  const handle = await open(file, "r").catch(nullWhenMissing);
  if (handle === null) return null;
  try {
    const buffer = Buffer.alloc(bytes);
    const { bytesRead } = await handle.read(buffer, 0, bytes, position);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function filesIn(dir: string): Promise<string[]> {
  const names = await readdir(dir, { recursive: true });
  return names.filter((name) => name.endsWith(".object")).map((name) => join(dir, name));
}

function isTaken(error: unknown): true {
  if (hasCode(error, "EEXIST")) return true;
  throw error;
}

function nullWhenMissing(error: unknown): null {
  if (hasCode(error, "ENOENT")) return null;
  throw error;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
