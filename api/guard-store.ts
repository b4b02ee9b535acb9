import type { Store } from "../core/ports/store.ts";
import type { PortCircuit } from "../core/resilience/circuit.ts";
import { guardPort } from "../core/resilience/guard-port.ts";

/** The same store with one circuit before all its parts. A health probe shall see the truth; closing must always work. */
export function guardStore(circuit: PortCircuit, store: Store): Store {
  return {
    tasks: guardPort(circuit, store.tasks, {}),
    queue: guardPort(circuit, store.queue, {}),
    credits: guardPort(circuit, store.credits, {}),
    users: guardPort(circuit, store.users, {}),
    presets: guardPort(circuit, store.presets, {}),
    audit: guardPort(circuit, store.audit, {}),
    stats: guardPort(circuit, store.stats, {}),
    usage: guardPort(circuit, store.usage, {}),
    ledgerAudit: guardPort(circuit, store.ledgerAudit, {}),
    settings: guardPort(circuit, store.settings, {}),
    nowMs: () => circuit.run(() => store.nowMs()),
    ping: () => store.ping(),
    close: () => store.close(),
  };
}
