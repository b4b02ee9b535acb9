import { z } from "zod";

const positive = z.number().int().positive();

/** What the emulated cloud is told at its start, as one JSON object. */
export const cloudOptionsSchema = z.strictObject({
  secretId: z.string().min(1),
  secretKey: z.string().min(1),
  region: z.string().min(1),
  namespace: z.string().min(1),
  /** With its APPID: "drape-1250000000". */
  bucket: z.string().min(1),
  /** Objects, and the scratch folders of the functions. */
  dataDir: z.string().min(1),
  /** Holds `<function>/index.js` for each function. */
  functionsDir: z.string().min(1),
  /** "host:port" list that the image processor may fetch besides public addresses. */
  imageSourceAllow: z.string().optional(),
  /** Wins over the environment that the emulated cloud gives its functions. */
  extraFunctionEnv: z.record(z.string(), z.string()).optional(),
  /** Whether to start the emulators for the AI providers and WeChat. */
  providerEmulators: z.boolean(),
  /** Whether they answer grey fields instead of previews of the garment, which take seconds. */
  plainPictures: z.boolean().optional(),
  /** By function name; core/model/functions.ts has the defaults. */
  timeLimitsMs: z.record(z.string(), positive).optional(),
  memoryLimitsMb: z.record(z.string(), positive).optional(),
  instancesMax: z.record(z.string(), positive).optional(),
  idleMs: positive.optional(),
  /** How often a function's change is looked at until it is there; scf-limits.ts has the default. */
  pendingPolls: z.number().int().min(0).optional(),
});
export type CloudOptions = z.infer<typeof cloudOptionsSchema>;

/** The line that tells the parent where everything listens. */
export const cloudReadySchema = z.object({
  ready: z.literal(true),
  scfEndpoint: z.string(),
  cosEndpoint: z.string(),
  /** Of IMS and TMS both. */
  moderationEndpoint: z.string(),
  /** Null when the emulators were not asked for. */
  providersUrl: z.string().nullable(),
  controlUrl: z.string(),
});
export type CloudReady = z.infer<typeof cloudReadySchema>;
