import type { FunctionPlatform } from "../../core/ports/function-platform.ts";
import type { FunctionWork } from "./deploy-function.ts";

/** The platform keeps this much of a region's memory for functions without a reservation. */
const UNRESERVED_MB = 12_800;

/** Throws before anything is changed when the region has no room for the reservations that are planned. */
export async function refuseTooMuchMemory(
  platform: Pick<FunctionPlatform, "concurrencyMemory">,
  works: readonly FunctionWork[],
): Promise<void> {
  const more = works
    .filter(({ plan }) => plan.steps.includes("reserve memory"))
    .map(({ wanted, found }) => (wanted.reservedMemoryMb ?? 0) - (found.reservedMemoryMb ?? 0))
    .reduce((sum, mb) => sum + mb, 0);
  if (more <= 0) return;
  const { totalMb, reservedMb } = await platform.concurrencyMemory();
  const room = totalMb - UNRESERVED_MB - reservedMb;
  if (more <= room) return;
  throw new Error(
    `The reservations need ${more} MB more, and the region has room for ${Math.max(0, room)} MB: raise the quota, or leave SCF_RESERVE_MEMORY out.`,
  );
}
