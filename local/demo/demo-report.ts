import type { DemoTask } from "./demo-client.ts";

/** What the work ran on and what it did there. */
export type EngineReport = {
  readonly database: {
    readonly name: "SQLite" | "MariaDB" | "MySQL";
    readonly version: string;
    /** Rows of all tables that this run added. */
    readonly rows: number;
  };
  readonly queue: {
    readonly name: "memory" | "BullMQ on Redis";
    readonly version: string | null;
    readonly jobs: number;
  };
};

export type DemoImage = {
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  readonly format: string;
  readonly provider: string;
};

export type DemoReport = {
  readonly taskId: string;
  readonly status: string;
  readonly images: readonly DemoImage[];
  readonly contactSheet: string | null;
  readonly prompt: { readonly zh: string; readonly en: string } | null;
  readonly cost: { readonly held: number; readonly charged: number; readonly refunded: number };
  readonly ledgerVerified: boolean;
  readonly engines: EngineReport;
  readonly degradations: DemoTask["degradations"];
  readonly steps: readonly { readonly name: string; readonly ms: number }[];
  readonly error: DemoTask["error"];
  readonly firstImageMs: number | null;
  /** When the task had ended; afterwards its pictures were fetched and the ledger was checked. */
  readonly endedMs: number;
  readonly totalMs: number;
};
