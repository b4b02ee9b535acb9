export type Room = {
  /** A folder, or files by a pattern. */
  readonly path: string;
  readonly owns: string;
  /** Rooms that its files may import; itself always. */
  readonly imports: readonly string[];
  /** Subfolders of those rooms that are not for it. */
  readonly except?: readonly string[];
  /** Packages that nobody else may import. */
  readonly packages: readonly string[];
  /** Said with a refusal: where to go instead. */
  readonly cure: string;
};

const FUNCTION_ROOMS = ["ai-image-processor", "prompt-generator", "image-generator"] as const;
const LOWER = ["core", "net"] as const;

/** Arrows point downwards: a room may import those that stand above it here. The linter's rules are made from this. */
export const ROOMS: readonly Room[] = [
  {
    path: "core/function-schemas",
    owns: "the wire of the three functions: events, answers, limits",
    imports: [],
    packages: [],
    cure: "the functions bundle this: it imports zod alone.",
  },
  {
    path: "net",
    owns: "the guarded way out: which addresses may be called, pinned look-ups, bounded exchanges",
    imports: [],
    packages: ["ipaddr.js"],
    cure: "net/ imports nothing of ours: take values from the caller.",
  },
  {
    path: "core",
    owns: "words, rules, the pipeline, a task's life; says what it needs as ports; no wire",
    imports: ["core/function-schemas"],
    packages: ["opossum"],
    cure: "core/ owns no wire: say what you need as a port in core/ports/ and write the adapter in the room that owns the wire.",
  },
  {
    path: "db",
    owns: "SQL: connections, migrations, the store's parts, the ledger audit",
    imports: LOWER,
    packages: ["kysely", "kysely/*", "mysql2", "mysql2/*", "bun:sqlite", "node:sqlite"],
    cure: "db/ owns SQL alone: rules belong to core/, other wires to their own rooms.",
  },
  {
    path: "redis",
    owns: "queue, event log, cache, rate limits, semaphore, process registry, broadcast; in memory or on Redis",
    imports: LOWER,
    packages: ["bullmq", "ioredis"],
    cure: "redis/ owns Redis and the in-memory adapters alone.",
  },
  {
    path: "cloud",
    owns: "Tencent's SDKs: functions, objects, content check; WeChat sign-in",
    imports: LOWER,
    packages: ["tencentcloud-*", "cos-nodejs-*"],
    cure: "cloud/ owns Tencent's wire alone.",
  },
  {
    path: "scf-functions/shared",
    owns: "what the three functions have in common: providers, objects, failures",
    imports: ["core/function-schemas", "net"],
    packages: ["sharp", "cos-nodejs-*"],
    cure: "a function imports core/function-schemas, scf-functions/shared and net alone, so that it bundles small.",
  },
  ...FUNCTION_ROOMS.map((name) => ({
    path: `scf-functions/${name}`,
    owns: "a deployable bundle",
    imports: ["core/function-schemas", "net", "scf-functions/shared"],
    packages: name === "ai-image-processor" ? ["@techstark/opencv-js", "fflate"] : [],
    cure: "a function imports core/function-schemas, scf-functions/shared and net alone, so that it bundles small.",
  })),
  {
    path: "scf-functions/deploy",
    owns: "bringing the functions to the platform: plan, pack, try out, move aliases",
    imports: [...LOWER, "scf-functions"],
    packages: [],
    cure: "a deployment knows the platform by core/ports/function-platform.ts; commands/deploy-command.ts hands in the SDK's adapter.",
  },
  {
    path: "runtime",
    owns: "the one place that puts the product together: configuration, adapters, a process's frame",
    imports: [...LOWER, "db", "redis", "cloud"],
    packages: [],
    cure: "runtime/ composes the adapters; HTTP, jobs and commands use it, not the other way round.",
  },
  {
    path: "api",
    owns: "HTTP: parse, call a use case, present",
    imports: ["core"],
    except: ["core/pipeline"],
    packages: ["hono", "hono/*", "@hono/*"],
    cure: "api/ owns HTTP alone: call a use case of core/ and let api/main.ts hand in the adapters; what the pipeline stored is read by core/model/task-results.ts.",
  },
  {
    path: "worker",
    owns: "the consumer of jobs and the schedules",
    imports: ["core"],
    packages: [],
    cure: "worker/ owns the consumer alone: call a use case of core/ and let worker/main.ts hand in the adapters.",
  },
  {
    path: "commands",
    owns: "what npm scripts call: start, build, migrate, make-admin, verify, deploy",
    imports: [...LOWER, "db", "redis", "cloud", "scf-functions", "runtime", "api", "worker"],
    packages: [],
    cure: "commands/ loads local/ dynamically and only where something embedded is wanted.",
  },
];

/** Rooms that may import everything: what never runs in production. */
export const FREE_ROOMS = [
  {
    path: "local",
    owns: "the emulated cloud and providers, dev, demo, preview pictures, private servers",
  },
  { path: "bench", owns: "what is measured, against floors of the same run" },
  {
    path: "tests",
    owns: "what crosses rooms: journeys, the model, chaos, the error table, deployments",
  },
] as const;

/** For docs/architecture.md. */
export function roomsTable(): string {
  const rows = ROOMS.map(({ path, owns, imports }) => {
    const may =
      imports.length === 0 ? "nothing of ours" : imports.map((to) => `\`${to}\``).join(" ");
    return `| \`${path}/\` | ${owns} | ${may} |`;
  });
  const free = FREE_ROOMS.map(({ path, owns }) => `| \`${path}/\` | ${owns} | everything |`);
  return ["| room | owns | may import |", "| --- | --- | --- |", ...rows, ...free].join("\n");
}
