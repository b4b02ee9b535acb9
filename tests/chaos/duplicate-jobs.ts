import { system } from "../../runtime/system.ts";
import { openRedis } from "../../redis/open-redis.ts";
import type { Random } from "../../local/preview/random.ts";
import type { Rig } from "./rig.ts";
import { silentLog } from "../silent-log.ts";

const TASKS_MAX = 40;

/** Adds two more jobs, under ids of their own, for tasks that wait, run or have just ended, in any order. */
export async function duplicateJobs(rig: Rig, random: Random): Promise<void> {
  const rows = await rig.fleet.db.kysely
    .selectFrom("tasks")
    .select("id")
    .orderBy("createdAt", "desc")
    .limit(TASKS_MAX)
    .execute();
  const jobs = rows.flatMap(({ id }) =>
    [1, 2].map((nth) => ({
      job: {
        id: `${id}-${90_000 + nth + Math.floor(random.between(0, 9_000)) * 10}`,
        taskId: id,
        priority: "normal" as const,
      },
      rank: random.between(0, 1),
    })),
  );
  const { host, port } = rig.redis;
  const adapters = await openRedis({ host, port }, { ...system, log: silentLog });
  try {
    await adapters.queue.add(jobs.toSorted((a, b) => a.rank - b.rank).map(({ job }) => job));
  } finally {
    await adapters.close();
  }
}
