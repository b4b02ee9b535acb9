import { createProviderStandIns } from "./provider-stand-ins.ts";

export type ServedStandIns = {
  readonly origin: string;
  /** Asks for a fault; gives the control route's answer. */
  addFault(fault: object): Promise<Response>;
  stop(): Promise<void>;
};

/** For tests: the provider stand-ins in this process, on a port of their own. */
export function serveStandIns(): ServedStandIns {
  const { fetch: answer } = createProviderStandIns();
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answer });
  const origin = `http://127.0.0.1:${server.port}`;
  return {
    origin,
    addFault: (fault) =>
      fetch(`${origin}/control/faults`, { method: "POST", body: JSON.stringify(fault) }),
    stop: () => server.stop(true),
  };
}
