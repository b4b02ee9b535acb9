import { sql, type RawBuilder } from "kysely";
import { DELIVERING_STEP } from "../../core/model/step-plan.ts";
import type { Dialect } from "../connection/dialect.ts";

/** How many results a task `t` has on record: images, processed photos or the prompt, by its type. */
export function deliveredCount(dialect: Dialect): RawBuilder<number> {
  const cases = Object.entries(DELIVERING_STEP).map(
    ([type, step]) => sql`when ${sql.lit(type)} then ${sql.lit(step)}`,
  );
  return dialect.integer(sql`(select count(*) from steps s where s.taskId = t.id and s.state = 'done'
    and s.step = (case t.type ${sql.join(cases, sql` `)} end))`);
}

/** How many a task `t` was asked for. */
export function promisedCount(dialect: Dialect): RawBuilder<number> {
  const photos = dialect.arrayLength(sql`t.input`, "$.images");
  return dialect.integer(sql`(case t.type when 'PREPROCESS_ONLY' then coalesce(${photos}, 0)
    when 'PROMPT_ONLY' then 1 else coalesce(json_extract(t.input, '$.options.n'), 0) end)`);
}
