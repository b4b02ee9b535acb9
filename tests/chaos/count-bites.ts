import { sql } from "kysely";
import type { Rig } from "./rig.ts";
import type { Cut } from "./tcp-proxy.ts";

/** Signs that the faults did harm that the product had to undo; a run in which one is 0 has proven less. */
export type Bites = Readonly<Record<string, number>>;

export async function countBites(rig: Rig): Promise<Bites> {
  const { rows } = await sql<Record<"crashes" | "attempts" | "asks", number>>`
    select coalesce(sum(crashes), 0) as crashes, coalesce(sum(attempts), 0) as attempts,
      (select coalesce(sum(asks), 0) from steps) as asks from tasks`.execute(rig.fleet.db.kysely);
  const said = lineCounter(rig.lines());
  const sum = (field: string) =>
    rig
      .lines()
      .filter((line) => line.includes("swept"))
      .reduce(
        (total, line) => total + Number(new RegExp(`"${field}":(\\d+)`).exec(line)?.[1] ?? 0),
        0,
      );
  return {
    "leases taken over": Number(rows[0]?.crashes ?? 0),
    "attempts spent": Number(rows[0]?.attempts ?? 0),
    "writes fenced off": said(/task left to others/),
    "jobs added again by the sweep": sum("stranded"),
    "abandoned tasks given a new job": sum("abandoned"),
    "tasks expired": sum("expired"),
    "commit unknown, had committed": said(/create: it was committed/),
    "commit unknown, had not": said(/create: it was not committed/),
    "jobs not added": said(/jobs not added/),
    "events not published": said(/events not published/),
    "circuits opened": said(/circuit opened/),
    "functions paused": said(/ is paused/),
    "tries of one call again": said(/trying again/),
    "tasks put back": said(/task put back/),
    "commits cut before": cuts(rig, "before-commit"),
    "commits cut after": cuts(rig, "after-commit"),
    "replies cut in half": cuts(rig, "half-reply"),
    "provider faults met": [...rig.providers.met.values()].reduce((total, n) => total + n, 0),
  };
}

function cuts({ mariadbProxy, apiProxy }: Rig, kind: Cut): number {
  return (mariadbProxy.made.get(kind) ?? 0) + (apiProxy.made.get(kind) ?? 0);
}

function lineCounter(lines: readonly string[]): (pattern: RegExp) => number {
  return (pattern) => lines.filter((line) => pattern.test(line)).length;
}
