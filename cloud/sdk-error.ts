import { z } from "zod";

const sdkErrorSchema = z.object({
  /** Of an API error. */
  code: z.string().min(1).optional().catch(undefined),
  /** The gateway's own. */
  httpCode: z.number().optional().catch(undefined),
  message: z.string().catch(""),
  requestId: z.string().optional().catch(undefined),
});

export type SdkError = z.infer<typeof sdkErrorSchema>;

/** The SDK's exception class is not exported: its members are read one by one. */
export function sdkErrorOf(error: unknown): SdkError {
  const { data } = sdkErrorSchema.safeParse(error);
  if (data === undefined) return { message: String(error) };
  // Node's own errors use `code` for what is a transport error here.
  return /^E[A-Z_]+$/.test(data.code ?? "") ? { message: `${data.code}: ${data.message}` } : data;
}
