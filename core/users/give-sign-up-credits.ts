import type { Deps, StoreParts } from "../deps.ts";
import type { User } from "../ports/user-store.ts";

/** For so long after a user was made a sign-in makes up for a bonus that was not given, since a process died. */
const MAKE_UP_MS = 86_400_000;

/** Gives a new user the credits of their sign-up: once, however often it is called. None when `credits` is 0. */
export async function giveSignUpCredits(
  { store, clock, log }: StoreParts<"credits"> & Pick<Deps, "clock" | "log">,
  user: Pick<User, "id" | "createdAtMs">,
  credits: number,
): Promise<void> {
  if (credits === 0 || clock.nowMs() - user.createdAtMs > MAKE_UP_MS) return;
  const id = user.id.replace(/^usr_/, "trf_");
  const grant = { id, userId: user.id, amount: credits, reason: "sign-up", actor: "system" };
  const { kind } = await store.credits.grant(grant);
  if (kind === "granted") log.success("sign-up credits given", { user: user.id, credits });
}
