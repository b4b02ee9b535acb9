import { FREE_ROOMS, ROOMS, type Room } from "./rooms.ts";

type Pattern = { readonly group: readonly string[]; readonly message: string };

const NOT_FOR_PRODUCTION: Pattern = {
  group: ["**/*.contract.ts", "**/*.fixture.ts", "**/*.test.ts"],
  message: "Contract suites and fixtures are for tests only.",
};
const TESTS = ["**/*.test.ts", "**/*.contract.ts", "**/*.fixture.ts", "tests/**", "bench/**"];
/** Subfolders of core/, by which all of it but the functions' schemas is told from them. */
const CORE_FOLDERS = [
  "admin",
  "caches",
  "invocation",
  "model",
  "moderation",
  "pipeline",
  "ports",
  "queue",
  "resilience",
  "tasks",
  "users",
];
/** What only a process's own start may touch. */
const NO_WIRE = [
  "bun:*",
  "node:fs",
  "node:fs/*",
  "node:net",
  "node:http",
  "node:https",
  "node:dns",
];

const HANDED_IN =
  "a clock or a Random is handed in (core/ports/clock.ts, random.ts), so that a test can say what time it is and what is drawn.";
const OWN_TIME_AND_CHANCE = {
  globals: [
    ["Date", "clock.nowMs()"],
    ["performance", "clock.monotonicMs()"],
    ["setTimeout", "clock.sleep()"],
    ["setInterval", "clock.sleep() in a loop"],
    ["crypto", "random.bytes()"],
  ].map(([name, cure]) => ({ name, message: `Take ${cure}: ${HANDED_IN}` })),
  properties: [
    { object: "Math", property: "random", message: `Take random.fraction(): ${HANDED_IN}` },
    { object: "AbortSignal", property: "timeout", message: `Take clock.deadline(): ${HANDED_IN}` },
  ],
  paths: [
    {
      name: "node:crypto",
      importNames: [
        "randomBytes",
        "randomInt",
        "randomUUID",
        "getRandomValues",
        "webcrypto",
        "default",
      ],
      message: `Take random.bytes() or random.token(): ${HANDED_IN}`,
    },
    { name: "node:timers", message: `Take clock.sleep(): ${HANDED_IN}` },
    { name: "node:timers/promises", message: `Take clock.sleep(): ${HANDED_IN}` },
    { name: "node:perf_hooks", message: `Take clock.monotonicMs(): ${HANDED_IN}` },
  ],
};
const TIMELESS_ROOMS = ["core", "core/function-schemas", "db", "redis"];

/** `.oxlintrc.json`: what stands in it now, with the rules of imports made from the table of rooms. */
export function lintConfig(now: string): string {
  const config = JSON.parse(now) as { rules: Record<string, unknown>; overrides: unknown }; // our own file
  config.overrides = [
    ...ROOMS.map(roomOverride),
    {
      // A process's start takes what runtime/ composed; all-in-one loads local/ dynamically, for embedded parts alone.
      files: ["api/main.ts", "worker/main.ts", "commands/all-in-one.ts"],
      rules: { "no-restricted-imports": importRule([NOT_FOR_PRODUCTION]) },
    },
    {
      files: FREE_ROOMS.map(({ path }) => `${path}/**/*.ts`),
      rules: { "no-restricted-imports": importRule([NOT_FOR_PRODUCTION]) },
    },
    {
      files: TESTS,
      rules: {
        "no-restricted-imports": "off",
        "no-restricted-globals": "off",
        "no-restricted-properties": "off",
        "max-lines-per-function": "off",
      },
    },
  ];
  return `${JSON.stringify(config, null, 2)}\n`;
}

function roomOverride(room: Room) {
  const closed = ROOMS.filter(({ path }) => path !== room.path && !isOpen(room, path));
  const group = [
    ...closed.flatMap(({ path }) => patternsOf(path)),
    ...(room.except ?? []).map((path) => `**/${path}/**`),
    ...FREE_ROOMS.map(({ path }) => `**/${path}/**`),
    ...packagesOf(room),
    ...(room.path.startsWith("core") ? NO_WIRE : []),
  ];
  const patterns = [
    { group: [...new Set(group)], message: capital(room.cure) },
    NOT_FOR_PRODUCTION,
  ];
  const isTimeless = TIMELESS_ROOMS.includes(room.path);
  const globals = [
    ...(room.path.startsWith("core") ? [NO_PROCESS] : []),
    ...(isTimeless ? OWN_TIME_AND_CHANCE.globals : []),
  ];
  return {
    files: [`${room.path}/**/*.ts`],
    rules: {
      "no-restricted-imports": importRule(patterns, isTimeless ? OWN_TIME_AND_CHANCE.paths : []),
      ...(globals.length === 0 ? {} : { "no-restricted-globals": ["error", ...globals] }),
      ...(isTimeless
        ? { "no-restricted-properties": ["error", ...OWN_TIME_AND_CHANCE.properties] }
        : {}),
    },
  };
}

const NO_PROCESS = {
  name: "process",
  message: "core/ owns no wire: take values from the caller; runtime/ reads the environment.",
};

/** Whether the room may import files of `path`: named itself, or by a room that it is a part of. */
function isOpen({ path: own, imports }: Room, path: string): boolean {
  if (path.startsWith(`${own}/`) && own !== "core") return true;
  if (own.startsWith(`${path}/`)) return false;
  return imports.some((to) => path === to || path.startsWith(`${to}/`));
}

/** Imports are relative: a folder below another is told by the last names of its path. */
function patternsOf(path: string): readonly string[] {
  if (path === "core")
    return CORE_FOLDERS.flatMap((name) => [`**/core/${name}/**`]).concat("**/core/*.ts");
  const parts = path.split("/");
  return [`**/${parts.at(-1)}/**`];
}

function packagesOf({ path, packages }: Room): readonly string[] {
  const owners = ROOMS.filter((other) => other.path !== path);
  const foreign = owners.flatMap((other) => other.packages);
  const shared = path.startsWith("scf-functions/") || path === "runtime" ? ["sharp", "fflate"] : [];
  return foreign.filter((name) => !packages.includes(name) && !shared.includes(name));
}

function importRule(patterns: readonly Pattern[], paths: readonly object[] = []) {
  return ["error", { ...(paths.length === 0 ? {} : { paths }), patterns }];
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
