import { createProviderEmulators } from "./provider-emulators.ts";

export type ServedEmulators = {
  readonly origin: string;
  /** Asks for a fault; gives the control route's answer. */
  addFault(fault: object): Promise<Response>;
  stop(): Promise<void>;
};

/** For tests: the provider emulators in this process, on a port of their own. */
export function serveEmulators(): ServedEmulators {
  const { fetch: answer } = createProviderEmulators();
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answer });
  const origin = `http://127.0.0.1:${server.port}`;
  return {
    origin,
    addFault: (fault) =>
      fetch(`${origin}/control/faults`, { method: "POST", body: JSON.stringify(fault) }),
    stop: () => server.stop(true),
  };
}
