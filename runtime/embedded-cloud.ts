import type { Log } from "../core/ports/log.ts";
import type { CloudAccess, Keys } from "./cloud-access.ts";

/** What an emulated cloud of this machine is started with. */
export type EmbeddedCloudOptions = {
  /** Bundles, objects and scratch folders go here. */
  readonly dataDir: string;
  readonly log: Log;
  /** `host:port` list of plain http photo servers that may be read. */
  readonly imageSourceAllow?: string;
  /** Wins over what the emulated cloud gives its functions. */
  readonly extraFunctionEnv?: Readonly<Record<string, string>>;
  readonly timeLimitsMs?: Readonly<Record<string, number>>;
  readonly instancesMax?: Readonly<Record<string, number>>;
  /** How often a function's change is looked at until it is there. */
  readonly pendingPolls?: number;
  /** Keys that the product uses, when they shall differ from those that the cloud knows. */
  readonly productKeys?: Partial<Keys>;
  /** Grey fields instead of previews of the garment: for who looks at everything but the picture. */
  readonly plainPictures?: boolean;
  /** Ready bundles, `<function>/index.js` each; built from the sources when absent. */
  readonly functionsDir?: string;
};

/** An emulated cloud that runs in a process of its own; `local/` has it. */
export type EmbeddedCloud = {
  readonly scfEndpoint: string;
  readonly cosEndpoint: string;
  /** Of IMS and TMS both. */
  readonly moderationEndpoint: string;
  /** The emulated AI providers; null when they were not asked for. */
  readonly providersUrl: string | null;
  /** Faults and the deployment are changed there. */
  readonly controlUrl: string;
  readonly pid: number;
  /** Resolves when the process has ended, asked or not. */
  readonly ended: Promise<void>;
  /** May be called again. */
  stop(): Promise<void>;
};

export type StartedCloud = { readonly access: CloudAccess; readonly cloud: EmbeddedCloud };
