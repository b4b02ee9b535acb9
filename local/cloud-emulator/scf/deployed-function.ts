import type { FunctionPool, EmulatedFunction } from "./function-pool.ts";
import {
  SETTLED,
  startPendingChange,
  type PendingChange,
  type StatusReason,
} from "./pending-change.ts";

/** What the console shows of a revision beside what its instances run with. */
export type RevisionFacts = {
  readonly runtime: string;
  readonly handler: string;
  readonly description: string;
  readonly role: string;
  readonly codeBytes: number;
};

/** Code and configuration at one time: $LATEST of a function, or what was published as a version. */
export type Revision = {
  readonly fn: EmulatedFunction;
  readonly facts: RevisionFacts;
  readonly pool: FunctionPool;
};

type Version = {
  readonly number: string;
  readonly description: string;
  readonly addedAtMs: number;
  readonly revision: Revision;
  readonly pending: PendingChange;
};

type Alias = { readonly version: string; readonly description: string };

/** A change of $LATEST: its own revision, or the reason why it failed. */
export type Change = Promise<Revision | StatusReason>;

/**
 * One function: $LATEST, numbered versions and aliases. While $LATEST changes, its revision from before goes on
 * being invoked, and so it does when the change failed (583/115197).
 */
export type DeployedFunction = {
  readonly name: string;
  /** Null while the function is being created for the first time. */
  readonly latest: Revision | null;
  readonly pending: PendingChange;
  readonly versions: ReadonlyMap<string, Version>;
  readonly aliases: Map<string, Alias>;
  /** Null when none was reserved. */
  reservedMemoryMb: number | null;
  change(kind: "Creating" | "Updating", work: Change): void;
  /** Is Deleting for some looks; then `gone` takes it out of its namespace. */
  remove(gone: () => void): void;
  publish(description: string, nowMs: number): Version;
  /** The revision that a qualifier means: "$LATEST", "$DEFAULT", a version or an alias. */
  resolve(qualifier: string): { readonly version: string; readonly revision: Revision } | null;
  /** Ends every instance of every revision. */
  end(): Promise<void>;
};

/** A function that the emulated cloud starts with: deployed already, as version 1 with the alias "live". */
export type GivenFunction = { readonly revision: Revision; readonly atMs: number };

export function createDeployedFunction(
  name: string,
  polls: number,
  given: GivenFunction | null,
): DeployedFunction {
  let latest = given?.revision ?? null;
  let pending = SETTLED;
  const versions = new Map<string, Version>();
  const aliases = new Map<string, Alias>();
  const pools = new Set<FunctionPool>(given === null ? [] : [given.revision.pool]);
  if (given !== null) {
    const { revision, atMs: addedAtMs } = given;
    versions.set("1", { number: "1", description: "", addedAtMs, revision, pending: SETTLED });
    aliases.set("live", { version: "1", description: "" });
  }

  return {
    name,
    get latest() {
      return latest;
    },
    get pending() {
      return pending;
    },
    versions,
    aliases,
    reservedMemoryMb: null,
    change(kind, work) {
      const apply = (made: Revision): void => {
        latest = made;
        pools.add(made.pool);
      };
      pending = startPendingChange({ kind, polls, made: work, apply });
    },
    remove(gone) {
      const made = Promise.resolve({});
      pending = startPendingChange({ kind: "Deleting", polls, made, apply: gone });
    },
    publish(description, nowMs) {
      if (latest === null) throw new Error(`${name} has no code to publish`);
      const number = String(Math.max(0, ...[...versions.keys()].map(Number)) + 1);
      const version: Version = {
        number,
        description,
        addedAtMs: nowMs,
        revision: latest,
        pending: startPendingChange({
          kind: "Publishing",
          polls,
          made: Promise.resolve(latest),
          apply: () => {},
        }),
      };
      versions.set(number, version);
      return version;
    },
    resolve(qualifier) {
      const wanted = aliases.get(qualifier)?.version ?? qualifier;
      if (wanted === "$LATEST" || wanted === "$DEFAULT") {
        return latest === null ? null : { version: "$LATEST", revision: latest };
      }
      const version = versions.get(wanted);
      return version === undefined ? null : { version: wanted, revision: version.revision };
    },
    async end() {
      await Promise.all([...pools].map((pool) => pool.end()));
    },
  };
}
