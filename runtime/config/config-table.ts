import { CLOUD_KEYS, DEPLOY_KEYS, EMULATOR_KEYS } from "./cloud-keys.ts";
import type { ConfigKey } from "./config-key.ts";
import {
  DATABASE_KEYS,
  PROCESS_KEYS,
  REDIS_KEYS,
  SIGN_IN_KEYS,
  WORKER_KEYS,
} from "./process-keys.ts";
import { PROVIDER_KEYS } from "./provider-keys.ts";
import { COST_KEYS, WORK_KEYS } from "./work-keys.ts";

/**
 * Every variable that Drape reads, in the order of `.env.production`. Configurations are parsed by it; `.env.production`
 * and docs/configuration.md are written from it (`npm run check:fix`).
 */
export const CONFIG_SECTIONS = [
  { title: "The process", keys: PROCESS_KEYS },
  { title: "The database: the truth", keys: DATABASE_KEYS },
  {
    title: "Redis: wake-ups, progress, limits. Needs maxmemory-policy noeviction.",
    keys: REDIS_KEYS,
  },
  { title: "Sign-in", keys: SIGN_IN_KEYS },
  {
    title:
      "Tencent Cloud (console: Cloud Access Management, API keys; give it SCF invoke and this bucket only)",
    keys: CLOUD_KEYS,
  },
  { title: "For npm run deploy:scf alone. A start does not ask for these.", keys: DEPLOY_KEYS },
  { title: "The work", keys: { ...WORK_KEYS, ...WORKER_KEYS } },
  {
    title:
      "What you pay, for GET /api/v1/admin/costs alone. Left out, usage is shown without its money.",
    keys: COST_KEYS,
  },
  {
    title:
      "The AI providers. npm run deploy:scf gives each function those of its order; a start on Tencent Cloud does not ask\n# for them, and one that brings the emulated cloud gives them to the functions in it.",
    keys: PROVIDER_KEYS,
  },
  { title: "For development and trials only; refused in production", keys: EMULATOR_KEYS },
] as const satisfies readonly { title: string; keys: Readonly<Record<string, ConfigKey>> }[];

export const CONFIG_TABLE = {
  ...PROCESS_KEYS,
  ...DATABASE_KEYS,
  ...REDIS_KEYS,
  ...SIGN_IN_KEYS,
  ...CLOUD_KEYS,
  ...DEPLOY_KEYS,
  ...WORK_KEYS,
  ...WORKER_KEYS,
  ...COST_KEYS,
  ...PROVIDER_KEYS,
  ...EMULATOR_KEYS,
};
export type ConfigName = keyof typeof CONFIG_TABLE;
export const CONFIG_NAMES = Object.keys(CONFIG_TABLE) as ConfigName[]; // its own keys, and no others
