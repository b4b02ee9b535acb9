import type { PortCircuit } from "./circuit.ts";

type Method = (...args: readonly unknown[]) => unknown;

/** The methods that give no promise: a circuit cannot stand before them. */
type SyncMethod<P> = {
  [K in keyof P]: P[K] extends (...args: never[]) => Promise<unknown> ? never : K;
}[keyof P];

/** The methods that go past the circuit, each with the reason; the synchronous ones must be among them. */
export type Bypass<P> = Readonly<Record<SyncMethod<P>, string> & Partial<Record<keyof P, string>>>;

/**
 * The same port with one circuit before all its methods but those in `bypass`. While the circuit is open they reject
 * at once with UNAVAILABLE; otherwise results and errors come as the port gives them.
 */
export function guardPort<P extends object>(circuit: PortCircuit, port: P, bypass: Bypass<P>): P {
  const methods = new Map<PropertyKey, Method>();
  return new Proxy(port, {
    get(target, name) {
      const known = methods.get(name);
      if (known !== undefined) return known;
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      const method = value as Method; // what a port has under a name is a value or a method
      const called: Method =
        name in bypass
          ? (...args) => method.apply(target, [...args])
          : (...args) => circuit.run(async () => method.apply(target, [...args]));
      methods.set(name, called);
      return called;
    },
  });
}
