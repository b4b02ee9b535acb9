import type { FunctionPool, LoopbackFunction } from "./function-pool.ts";
import { SETTLED, startSettling, type Settling, type StatusReason } from "./settling.ts";

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
  readonly fn: LoopbackFunction;
  readonly facts: RevisionFacts;
  readonly pool: FunctionPool;
};

type Version = {
  readonly number: string;
  readonly description: string;
  readonly addedAtMs: number;
  readonly revision: Revision;
  readonly settling: Settling;
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
  readonly settling: Settling;
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

/** A function that the loopback cloud starts with: deployed already, as version 1 with the alias "live". */
export type GivenFunction = { readonly revision: Revision; readonly atMs: number };

export function createDeployedFunction(
  name: string,
  looks: number,
  given: GivenFunction | null,
): DeployedFunction {
  let latest = given?.revision ?? null;
  let settling = SETTLED;
  const versions = new Map<string, Version>();
  const aliases = new Map<string, Alias>();
  const pools = new Set<FunctionPool>(given === null ? [] : [given.revision.pool]);
  if (given !== null) {
    const { revision, atMs: addedAtMs } = given;
    versions.set("1", { number: "1", description: "", addedAtMs, revision, settling: SETTLED });
    aliases.set("live", { version: "1", description: "" });
  }

  return {
    name,
    get latest() {
      return latest;
    },
    get settling() {
      return settling;
    },
    versions,
    aliases,
    reservedMemoryMb: null,
    change(kind, work) {
      const place = (made: Revision): void => {
        latest = made;
        pools.add(made.pool);
      };
      settling = startSettling({ kind, looks, made: work, place });
    },
    remove(gone) {
      const made = Promise.resolve({});
      settling = startSettling({ kind: "Deleting", looks, made, place: gone });
    },
    publish(description, nowMs) {
      if (latest === null) throw new Error(`${name} has no code to publish`);
      const number = String(Math.max(0, ...[...versions.keys()].map(Number)) + 1);
      const version: Version = {
        number,
        description,
        addedAtMs: nowMs,
        revision: latest,
        settling: startSettling({
          kind: "Publishing",
          looks,
          made: Promise.resolve(latest),
          place: () => {},
        }),
      };
      versions.set(number, version);
      return version;
    },
    resolve(qualifier) {
      const asked = aliases.get(qualifier)?.version ?? qualifier;
      if (asked === "$LATEST" || asked === "$DEFAULT") {
        return latest === null ? null : { version: "$LATEST", revision: latest };
      }
      const version = versions.get(asked);
      return version === undefined ? null : { version: asked, revision: version.revision };
    },
    async end() {
      await Promise.all([...pools].map((pool) => pool.end()));
    },
  };
}
