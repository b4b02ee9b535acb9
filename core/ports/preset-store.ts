import type { AuditWrite } from "./audit-store.ts";

export type Scene = {
  readonly id: string;
  readonly kind: "scene" | "style" | "garment";
  readonly en: string;
  readonly zh: string;
};

/** A scene, style or word for garments, with what only an operator needs to know of it. */
export type Preset = Scene & {
  /** Its place among its kind, the smallest first; of equal ones the ids decide. */
  readonly sortNo: number;
  /** No new task may name it, but those that wait and do name it find its words. */
  readonly retired: boolean;
};

export type PresetName = Pick<Scene, "kind" | "id">;

export type PresetWrite = Scene & {
  /** Undefined: where it stands, and a new one behind all of its kind. */
  readonly sortNo?: number | undefined;
};

/** Who acts, and the id of the audit row; action, subject and what changed are the store's to say. */
export type PresetAct = Pick<AuditWrite, "id"> & { readonly actor: string };

export type PresetOutcome =
  | { readonly kind: "created" | "changed" | "unchanged"; readonly preset: Preset }
  /** There are PRESET_LIMITS.presetsMax of them: nothing was written. */
  | { readonly kind: "full" };

/** The presets. Each act is one transaction with its audit row; what changes nothing leaves none. */
export interface PresetStore {
  /** All of them, the retired ones too, in order. */
  list(): Promise<readonly Preset[]>;
  /** Makes, changes or brings back a preset: audited as `preset.put` with what it was before and is after. */
  put(write: PresetWrite, act: PresetAct): Promise<PresetOutcome>;
  /**
   * Retires a preset: audited as `preset.delete`. False: there is none in use under this name. The row itself goes with
   * an act that comes later than PRESET_LIMITS.keptRetiredMs, when no task that may name it is alive.
   */
  retire(name: PresetName, act: PresetAct): Promise<boolean>;
}

export const PRESET_LIMITS = {
  /** Of all kinds together, those that were retired lately included: every process holds them in memory. */
  presetsMax: 500,
  /** Many times longer than any task lives. */
  keptRetiredMs: 86_400_000,
} as const;
