import { z } from "zod";
import { functionFailureCodes } from "./function-answer.ts";

/** A provider as the configuration names it. */
const providerNameSchema = z.string().regex(/^[a-z][a-z0-9-]{0,59}$/);

/**
 * A provider that was asked and did not do the work, and the one that did it instead. `providerCode` and `message`
 * are the operator's: they say what must be mended.
 */
export const providerSwitchSchema = z.object({
  from: providerNameSchema,
  code: z.enum(functionFailureCodes),
  to: providerNameSchema,
  providerCode: z.string().max(200).optional(),
  message: z.string().max(300).optional(),
});
export type ProviderSwitch = z.infer<typeof providerSwitchSchema>;
