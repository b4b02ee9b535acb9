import type { PageQuery } from "./store-types.ts";

export type AuditWrite = {
  readonly id: string;
  /** What was done, such as `credits.grant`. */
  readonly action: string;
  /** To whom or what: an id. */
  readonly subject: string;
  readonly detail: Readonly<Record<string, AuditFact | Readonly<Record<string, AuditFact>>>>;
};

type AuditFact = string | number | boolean | null;

/** An act of an administrator. */
export type AuditEntry = AuditWrite & { readonly actor: string; readonly createdAtMs: number };

/** The acts of administrators. Each is written by the part that it changes, in the same transaction. */
export interface AuditStore {
  /** What administrators did, newest first. */
  list(query: Omit<PageQuery, "userId">): Promise<readonly AuditEntry[]>;
}
