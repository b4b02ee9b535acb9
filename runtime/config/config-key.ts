import type { z } from "zod";

/** What reads a configuration. `ledger:verify` with `--objects` also needs the cloud. */
export const COMMANDS = [
  "start",
  "start:api",
  "start:worker",
  "dev",
  "db:migrate",
  "deploy:scf",
  "test:scf",
  "ledger:verify",
  "ledger:verify --objects",
  "admin:make",
] as const;
export type Command = (typeof COMMANDS)[number];

/** How a key stands in `.env.production`. */
export type Sample =
  /** The operator has to set it: a start with the placeholder left is refused. */
  | { readonly kind: "placeholder" }
  /** As given, with its default or a usual value. */
  | { readonly kind: "set"; readonly value: string }
  /** Commented out. */
  | { readonly kind: "hint"; readonly value: string };

/** One variable of the environment: the only place that says what it is, who reads it and where it goes. */
export type ConfigKey = {
  /** Of the text as it stands; its default makes the key optional. */
  readonly schema: z.ZodType;
  /** For the operator, in whole sentences; may have several lines. */
  readonly doc: string;
  readonly sample: Sample;
  readonly commands: readonly Command[];
  /** Of those the ones that cannot do without it. */
  readonly requiredBy?: readonly Command[];
  /** In production nothing replaces it. */
  readonly requiredInProduction?: true;
  /** The part of the product that is given the value. */
  readonly to: string;
};

/** A row with its schema's own type kept. */
export function configKey<S extends z.ZodType>(
  key: ConfigKey & { readonly schema: S },
): ConfigKey & { readonly schema: S } {
  return key;
}

export const placeholder: Sample = { kind: "placeholder" };
export const set = (value: string): Sample => ({ kind: "set", value });
export const hint = (value: string): Sample => ({ kind: "hint", value });

/** What a deployed file holds where the operator has to write something. */
export const PLACEHOLDER_TEXT = "__SET_ME__";
export const PLACEHOLDER = /__SET_ME__/;

const IN_ONE: readonly Command[] = ["start", "dev"];
export const API: readonly Command[] = [...IN_ONE, "start:api"];
export const WORKER: readonly Command[] = [...IN_ONE, "start:worker"];
export const APART: readonly Command[] = ["start:api", "start:worker"];
export const PROCESSES: readonly Command[] = [...IN_ONE, ...APART];
export const DATABASE: readonly Command[] = [
  ...PROCESSES,
  "db:migrate",
  "ledger:verify",
  "ledger:verify --objects",
  "admin:make",
];
export const CLOUD: readonly Command[] = [
  ...PROCESSES,
  "deploy:scf",
  "test:scf",
  "ledger:verify --objects",
];
/** Cannot bring a cloud of its own. */
export const NEEDS_CLOUD: readonly Command[] = [...APART, "deploy:scf", "ledger:verify --objects"];
