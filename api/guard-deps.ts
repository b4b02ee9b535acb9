import { guardPort } from "../core/resilience/guard-port.ts";
import {
  createPortCircuit,
  type CircuitState,
  type PortCircuit,
} from "../core/resilience/circuit.ts";
import type { User } from "../core/ports/user-store.ts";
import type { ApiDeps } from "./context.ts";
import { guardStore } from "./guard-store.ts";

export const DEPENDENCIES = ["database", "queue", "cache", "storage"] as const;
export type Dependency = (typeof DEPENDENCIES)[number];
export type Circuits = Readonly<Record<Dependency, () => CircuitState>>;

const PROBE = "a health probe shall see the truth";
const END = "closing must always work";
const SYNC = "signs and reads in this process, asks nobody";

type Guarded = {
  readonly guarded: ApiDeps;
  readonly circuits: Circuits;
  /**
   * Whether there is such a user, read before every request's own work: its failure counts, while its success would hide
   * that the work's own statements fail.
   */
  readonly findUser: (id: string) => Promise<User | null>;
};

/**
 * The same dependencies, each behind one circuit of this process: what a dead one is asked for is answered at once
 * with UNAVAILABLE. Queue and cache are the two ways to Redis: jobs, and everything else.
 */
export function guardDeps(deps: ApiDeps): Guarded {
  const open = (name: string) => createPortCircuit({ name, log: deps.log });
  const circuits = {
    database: open("database"),
    queue: open("queue"),
    cache: open("cache"),
    storage: open("object store"),
  } as const satisfies Record<Dependency, PortCircuit>;
  const { database, queue, cache, storage } = circuits;
  const guarded: ApiDeps = {
    ...deps,
    store: guardStore(database, deps.store),
    functionPauses: guardPort(database, deps.functionPauses, {}),
    createTask: (create) => database.run(() => deps.createTask(create)),
    presets: guardPort(memoryOf(database), deps.presets, {
      changed: "tells the other processes, asks no database",
      close: END,
    }),
    users: guardPort(memoryOf(database), deps.users, {
      changed: "tells the other processes, asks no database",
      close: END,
    }),
    queue: guardPort(queue, deps.queue, { waiting: PROBE, close: END }),
    // Of the ways to Redis beside the queue the event log alone says when Redis is away: cache, limiter and registry make
    // do without it, so that their answers prove nothing.
    events: guardPort(cache, deps.events, {
      wait: "a wait that nothing ends shows neither health nor failure",
      close: END,
    }),
    objects: guardPort(storage, deps.objects, {
      signedGetUrl: SYNC,
      signedUploadForm: SYNC,
      objectUrl: SYNC,
      keyOfUrl: SYNC,
    }),
  };
  const states = Object.entries(circuits).map(([name, { state }]) => [name, state]);
  const findUser = (id: string) => database.runFromMemory(() => deps.store.users.find(id));
  return { guarded, circuits: Object.fromEntries(states) as Circuits, findUser };
}

function memoryOf(circuit: PortCircuit): PortCircuit {
  return { ...circuit, run: circuit.runFromMemory };
}
