import type { Kysely } from "kysely";
import pLimit from "p-limit";
import type { CheckResult, Finding } from "../core/ports/books.ts";
import type { ObjectStore } from "../core/ports/cloud.ts";
import type { Database } from "./schema.ts";

export type Head = (
  key: string,
) => Promise<Pick<NonNullable<Awaited<ReturnType<ObjectStore["head"]>>>, "bytes"> | null>;

const PAGE = 500;
const AT_ONCE = 16;
const DELIVERED = ["succeeded", "partial"];

/**
 * I5 in the object store: one HEAD for each image of every task that delivered some, 16 at a time, page by page. Stops
 * at `findingsMax` findings. Throws what `head` throws: a store that is away says nothing about its objects.
 */
export async function verifyObjects(
  db: Kysely<Database>,
  head: Head,
  findingsMax: number,
): Promise<CheckResult> {
  const findings: Finding[] = [];
  const limit = pLimit(AT_ONCE);
  let after = "";
  for (;;) {
    const images = await pageOf(db, after);
    const looked = await Promise.all(
      images.map((image) => limit(async () => ({ image, facts: await head(image.objectKey) }))),
    );
    for (const { image, facts } of looked) {
      if (facts?.bytes === image.bytes) continue;
      const { userId, taskId, objectKey, bytes } = image;
      const found = facts?.bytes ?? null;
      findings.push({ account: userId, task: taskId, object: objectKey, bytes, found });
    }
    const last = images.at(-1);
    if (last === undefined || findings.length >= findingsMax) break;
    after = last.id;
  }
  const promise = "every image of a task that delivered is in the object store, as long as it says";
  return { invariant: "I5o", promise, findings: findings.slice(0, findingsMax) };
}

function pageOf(db: Kysely<Database>, after: string) {
  return db
    .selectFrom("images")
    .innerJoin("tasks", "tasks.id", "images.taskId")
    .select(["images.id", "images.taskId", "tasks.userId", "images.objectKey", "images.bytes"])
    .where("tasks.status", "in", DELIVERED)
    .where("images.id", ">", after)
    .orderBy("images.id")
    .limit(PAGE)
    .execute();
}
