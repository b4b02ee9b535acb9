import { createHash } from "node:crypto";
import type { Deps, StoreParts } from "../deps.ts";
import { DrapeError } from "../model/errors.ts";
import { newId } from "../model/ids.ts";
import type { Balance } from "../ports/credit-store.ts";

export type GrantRequest = {
  /** The administrator who grants. */
  readonly actor: string;
  readonly to: { readonly userId: string } | { readonly email: string };
  readonly amount: number;
  readonly reason: string;
  /** The same key of the same administrator is the same grant, however often it is sent. */
  readonly key: string | null;
};

export type GrantDone = {
  readonly id: string;
  readonly userId: string;
  /** As it stands now, also when the grant was made before. */
  readonly balance: Balance;
  readonly repeated: boolean;
};

/**
 * Issues credits to a customer, with its audit row in the same transaction.
 * Throws NOT_FOUND, and IDEMPOTENCY_KEY_REUSED when the key made another grant.
 */
export async function grantCredits(
  deps: StoreParts<"credits" | "users"> & Pick<Deps, "clock" | "random" | "log">,
  { actor, to, amount, reason, key }: GrantRequest,
): Promise<GrantDone> {
  const nowMs = deps.clock.nowMs();
  const userId = "userId" in to ? to.userId : await userIdOf(deps, to.email);
  const id = key === null ? newId("trf", nowMs, deps.random) : grantIdOf(actor, key);
  const outcome = await deps.store.credits.grant({
    id,
    userId,
    amount,
    reason,
    actor,
    audit: {
      id: newId("aud", nowMs, deps.random),
      action: "credits.grant",
      subject: userId,
      detail: { transferId: id, amount, reason },
    },
  });
  if (outcome.kind === "id-taken") {
    throw new DrapeError(
      "IDEMPOTENCY_KEY_REUSED",
      "This Idempotency-Key made another grant: send the same body, or use a new key.",
    );
  }
  const repeated = outcome.kind === "repeated";
  deps.log.success("credits granted", { grant: id, user: userId, amount, actor, repeated });
  return { id, userId, balance: outcome.balance, repeated };
}

async function userIdOf({ store }: StoreParts<"users">, email: string): Promise<string> {
  const user = await store.users.findByEmail(email);
  if (user === null) throw new DrapeError("NOT_FOUND", "There is no such customer.");
  return user.id;
}

/** The transfer's id is its key, so that the database itself refuses a second one. */
function grantIdOf(actor: string, key: string): string {
  const name = JSON.stringify([actor, "grant", key]);
  return `trf_${createHash("sha256").update(name).digest("hex").slice(0, 40)}`;
}
