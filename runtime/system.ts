import { systemClock } from "./system-clock.ts";
import { systemRandom } from "./system-random.ts";

/** This machine's clock and chance, as the adapters take them. */
export const system = { clock: systemClock, random: systemRandom } as const;
