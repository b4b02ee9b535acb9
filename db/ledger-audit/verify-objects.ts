import type { Kysely } from "kysely";
import pLimit from "p-limit";
import type { CheckResult, Finding } from "../../core/ports/ledger-audit-store.ts";
import type { ObjectStore } from "../../core/ports/cloud.ts";
import { deliveredObjects } from "./delivered-objects.ts";
import type { Database } from "../schema.ts";

export type Head = (
  key: string,
) => Promise<Pick<NonNullable<Awaited<ReturnType<ObjectStore["head"]>>>, "bytes"> | null>;

const AT_ONCE = 16;

/**
 * I5 in the object store: one HEAD for each image, photo and copy that was delivered, 16 at a time, page by page. Stops
 * at `findingsMax` findings. Throws what `head` throws: a store that is away says nothing about its objects.
 */
export async function verifyObjects(
  db: Kysely<Database>,
  head: Head,
  findingsMax: number,
): Promise<CheckResult> {
  const findings: Finding[] = [];
  const limit = pLimit(AT_ONCE);
  for await (const objects of deliveredObjects(db)) {
    const looked = await Promise.all(
      objects.map((object) => limit(async () => ({ object, facts: await head(object.objectKey) }))),
    );
    for (const { object, facts } of looked) {
      if (facts?.bytes === object.bytes) continue;
      const { userId, taskId, objectKey, bytes } = object;
      const found = facts?.bytes ?? null;
      findings.push({ account: userId, task: taskId, object: objectKey, bytes, found });
    }
    if (findings.length >= findingsMax) break;
  }
  const promise =
    "every picture of a task that delivered is in the object store, as long as it says";
  return { invariant: "I5o", promise, findings: findings.slice(0, findingsMax) };
}
