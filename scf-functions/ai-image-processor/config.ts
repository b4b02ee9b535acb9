import { z } from "zod";
import { type Environment, readEnvironment } from "../shared/environment.ts";
import { readStoreConfig, type StoreConfig } from "../shared/object-store.ts";

export type ImageProcessorConfig = {
  readonly store: StoreConfig;
  readonly allowedOrigins: ReadonlySet<string>;
};

const environmentSchema = z.object({
  /** `host:port[,host:port]`: plain http origins opened for development; unset in production. */
  IMAGE_SOURCE_ALLOW: z
    .string()
    .regex(/^([^\s,/@]+:\d{1,5})(,[^\s,/@]+:\d{1,5})*$/, "host:port[,host:port]")
    .optional(),
});

/** The function's whole configuration, read at its first call. */
export function readImageProcessorConfig(environment: Environment): ImageProcessorConfig {
  const { IMAGE_SOURCE_ALLOW: allow } = readEnvironment(
    environmentSchema,
    environment,
    "STORAGE_CREDENTIALS",
  );
  return {
    store: readStoreConfig(environment),
    allowedOrigins: new Set(allow === undefined ? [] : allow.toLowerCase().split(",")),
  };
}
