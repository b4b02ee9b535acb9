import { z } from "zod";
import type { FunctionPlatform, FunctionSettings } from "../core/ports/function-platform.ts";
import type { ScfAccount } from "./scf-client.ts";
import { isMissing, returnedBy } from "./scf-deployment-errors.ts";
import { createScfRequester, type ScfRequester } from "./scf-requester.ts";

export type ScfDeploymentConfig = ScfAccount & {
  readonly namespace: string;
  /** With its APPID: "drape-1250000000". */
  readonly bucket: string;
};

/** Above the longest function. */
const INVOKE_LIMIT_MS = 310_000;
const VERSIONS_MAX = 100;

const text = z.string().nullish();
const variablesSchema = z
  .object({ Variables: z.array(z.object({ Key: z.string(), Value: z.string() })).nullish() })
  .nullish();
const describedSchema = z.object({
  Status: z.string(),
  StatusDesc: text,
  StatusReasons: z.array(z.object({ ErrorCode: text, ErrorMessage: text })).nullish(),
  Runtime: text,
  Handler: text,
  MemorySize: z.number().nullish(),
  Timeout: z.number().nullish(),
  Environment: variablesSchema,
  Role: text,
  Description: text,
});
const publishedSchema = z.object({ FunctionVersion: z.string() });
const versionsSchema = z.object({
  Versions: z.array(z.object({ Version: z.string(), Description: text, Status: text })).nullish(),
});
const reservedSchema = z.object({ ReservedMem: z.number().nullish() });
const accountSchema = z.object({
  AccountUsage: z.object({
    TotalConcurrencyMem: z.number(),
    TotalAllocatedConcurrencyMem: z.number().nullish(),
  }),
});
const invokedSchema = z.object({ Result: z.object({ RetMsg: text, ErrMsg: text }) });

/** SCF's management API over the official SDK (583/17235). No retry: whoever deploys asks again. */
export function createScfDeployment(config: ScfDeploymentConfig): FunctionPlatform {
  const requester = createScfRequester(config);
  return {
    ...revisionActions(requester, config),
    ...versionActions(requester),
    ...memoryActions(requester),
    async invoke(name, Qualifier, event) {
      const { namespace: Namespace } = config;
      const input = { FunctionName: name, Namespace, Qualifier, Event: JSON.stringify(event) };
      const limits = { schema: invokedSchema, limitMs: INVOKE_LIMIT_MS };
      return returnedBy((await requester.request("InvokeFunction", input, limits)).Result);
    },
  };
}

function revisionActions({ requestFor, command }: ScfRequester, config: ScfDeploymentConfig) {
  // The API wants the bucket's own name, and the key as a path.
  const codeAt = (key: string) => ({
    CosBucketName: config.bucket.replace(/-\d+$/, ""),
    CosObjectName: `/${key}`,
    CosBucketRegion: config.region,
  });

  return {
    async describe(name, qualifier) {
      const input = { Qualifier: qualifier, ShowCode: "FALSE" };
      const found = await requestFor("GetFunction", name, describedSchema, input).catch(
        nullWhenMissing,
      );
      return found === null ? null : describedBy(found);
    },
    create: (name, code, settings) =>
      command("CreateFunction", name, {
        Code: codeAt(code.key),
        Runtime: settings.runtime,
        Handler: settings.handler,
        Type: "Event",
        ...configurationOf(settings),
      }),
    updateCode: (name, code, handler) =>
      command("UpdateFunctionCode", name, { Handler: handler, ...codeAt(code.key) }),
    updateSettings: (name, settings) =>
      command("UpdateFunctionConfiguration", name, configurationOf(settings)),
    remove: (name) => command("DeleteFunction", name, {}),
  } satisfies Partial<FunctionPlatform>;
}

function versionActions({ requestFor, command }: ScfRequester) {
  return {
    async publish(name, Description) {
      const published = await requestFor("PublishVersion", name, publishedSchema, { Description });
      return published.FunctionVersion;
    },
    async versions(name) {
      const input = { Limit: VERSIONS_MAX, Order: "DESC", OrderBy: "AddTime" };
      const { Versions } = await requestFor("ListVersionByFunction", name, versionsSchema, input);
      // The real list begins with $LATEST.
      return (Versions ?? [])
        .filter(({ Version }) => /^\d+$/.test(Version))
        .map(({ Version, Description, Status }) => ({
          number: Version,
          description: Description ?? "",
          status: Status ?? "",
        }));
    },
    async aliasedVersion(name, alias) {
      const requested = requestFor("GetAlias", name, publishedSchema, { Name: alias });
      const found = await requested.catch(nullWhenMissing);
      return found === null ? null : found.FunctionVersion;
    },
    createAlias: (name, alias, FunctionVersion) =>
      command("CreateAlias", name, { Name: alias, FunctionVersion }),
    moveAlias: (name, alias, FunctionVersion) =>
      command("UpdateAlias", name, { Name: alias, FunctionVersion }),
  } satisfies Partial<FunctionPlatform>;
}

function memoryActions({ request, requestFor, command }: ScfRequester) {
  return {
    async reservedMemoryMb(name) {
      const { ReservedMem } = await requestFor(
        "GetReservedConcurrencyConfig",
        name,
        reservedSchema,
      );
      return ReservedMem ?? null;
    },
    reserveMemory: (name, mb) =>
      command("PutReservedConcurrencyConfig", name, { ReservedConcurrencyMem: mb }),
    async concurrencyMemory() {
      const { AccountUsage: usage } = await request("GetAccount", {}, { schema: accountSchema });
      const reservedMb = usage.TotalAllocatedConcurrencyMem ?? 0;
      return { totalMb: usage.TotalConcurrencyMem, reservedMb };
    },
  } satisfies Partial<FunctionPlatform>;
}

function configurationOf(settings: FunctionSettings) {
  const variables = Object.entries(settings.environment).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    MemorySize: settings.memoryMb,
    Timeout: settings.timeoutSeconds,
    Description: settings.description,
    Environment: { Variables: variables.map(([Key, Value]) => ({ Key, Value })) },
    ...(settings.role === null ? {} : { Role: settings.role }),
  };
}

function describedBy(found: z.output<typeof describedSchema>) {
  const reasons = (found.StatusReasons ?? []).map(({ ErrorCode, ErrorMessage }) =>
    [ErrorCode, ErrorMessage].filter(Boolean).join(": "),
  );
  const variables = found.Environment?.Variables ?? [];
  return {
    status: found.Status,
    reason: reasons.length > 0 ? reasons.join("; ") : (found.StatusDesc ?? ""),
    runtime: found.Runtime ?? "",
    handler: found.Handler ?? "",
    memoryMb: found.MemorySize ?? 0,
    timeoutSeconds: found.Timeout ?? 0,
    environment: Object.fromEntries(variables.map(({ Key, Value }) => [Key, Value])),
    role: found.Role || null,
    description: found.Description ?? "",
  };
}

function nullWhenMissing(error: unknown): null {
  if (isMissing(error)) return null;
  throw error;
}
