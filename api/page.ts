import type { Context } from "hono";
import { z } from "zod";
import type { ListPosition } from "../core/ports/store-types.ts";
import type { ApiEnv } from "./context.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";

/** The query fields of every list. */
export const pageFields = {
  limit: z
    .string()
    .regex(/^\d{1,3}$/, "a whole number from 1 to 100")
    .transform(Number)
    .pipe(z.number().min(1).max(100))
    .default(20),
  cursor: z
    .string()
    .max(200)
    .transform((text, context) => {
      const decoded = decodeCursor(text);
      if (decoded !== null) return decoded;
      context.addIssue({ code: "custom", message: "give a nextCursor as it was given to you" });
      return z.NEVER;
    })
    .optional(),
};

type PageRequest = { readonly limit: number; readonly cursor?: ListPosition | undefined };
type Read<Row> = (query: {
  readonly limit: number;
  readonly before?: ListPosition;
}) => Promise<readonly Row[]>;

/** A page of heavy entries ends early, and the next one goes on from there. */
export const PAGE_BYTES_MAX = 4_000_000;

/**
 * One page as clients get it: the entries, where the next page begins, and a `Link` to it that keeps the filters. One
 * entry more than asked for is read, which tells whether there is a next page.
 */
export async function answerPage<Row extends ListPosition>(
  c: Context<ApiEnv>,
  { limit, cursor }: PageRequest,
  read: Read<Row>,
  present: (row: Row) => unknown,
): Promise<Response> {
  const after = cursor === undefined ? {} : { before: cursor };
  const rows = await read({ limit: limit + 1, ...after });
  const texts = textsWithin(rows.slice(0, limit), present);
  const last = rows[texts.length - 1];
  const hasMore = rows.length > texts.length;
  const nextCursor = hasMore && last !== undefined ? encodeCursor(last) : null;
  if (nextCursor !== null) c.header("Link", linkToNext(c, nextCursor));
  const body = `{"data":[${texts.join(",")}],"nextCursor":${JSON.stringify(nextCursor)},"hasMore":${hasMore}}`;
  return c.body(body, 200, { "content-type": "application/json" });
}

/** As many as a page may weigh, and always one. */
function textsWithin<Row>(rows: readonly Row[], present: (row: Row) => unknown): string[] {
  const texts: string[] = [];
  let bytes = 0;
  for (const row of rows) {
    const text = JSON.stringify(present(row));
    bytes += Buffer.byteLength(text);
    if (bytes > PAGE_BYTES_MAX && texts.length > 0) break;
    texts.push(text);
  }
  return texts;
}

/** Relative, since this process does not know the name under which it is reached. */
function linkToNext(c: Context<ApiEnv>, cursor: string): string {
  const query = new URLSearchParams({ ...c.req.query(), cursor });
  return `<${c.req.path}?${query.toString()}>; rel="next"`;
}
