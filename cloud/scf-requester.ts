import { z } from "zod";
import { loadScfClient, type ScfAccount } from "./scf-client.ts";
import { deploymentErrorOf } from "./scf-deployment-errors.ts";

export type ScfRequester = {
  /** Any action; its answer is read by `schema`. Throws DeploymentError. */
  request<S extends z.ZodType>(
    action: string,
    input: object,
    reading: { readonly schema: S; readonly limitMs?: number },
  ): Promise<z.output<S>>;
  /** An action about one function. */
  requestFor<S extends z.ZodType>(
    action: string,
    name: string,
    schema: S,
    input?: object,
  ): Promise<z.output<S>>;
  /** The same, with nothing in its answer. */
  command(action: string, name: string, input: object): Promise<void>;
};

/** One request to the management API; none of them takes long, they only start the work. */
const REQUEST_LIMIT_MS = 30_000;

/** Requests to the SCF of one namespace, each with a time limit and without a retry. */
export function createScfRequester(
  config: ScfAccount & { readonly namespace: string },
): ScfRequester {
  let client: ReturnType<typeof loadScfClient> | undefined;
  const requester: ScfRequester = {
    async request(action, input, { schema, limitMs = REQUEST_LIMIT_MS }) {
      client ??= loadScfClient(config);
      const signal = AbortSignal.timeout(limitMs);
      try {
        const loaded = await client;
        return schema.parse(await loaded.request(action, input, { signal }));
      } catch (error) {
        throw deploymentErrorOf(error, action, config.region);
      }
    },
    requestFor(action, name, schema, input = {}) {
      const named = { FunctionName: name, Namespace: config.namespace, ...input };
      return requester.request(action, named, { schema });
    },
    async command(action, name, input) {
      await requester.requestFor(action, name, z.unknown(), input);
    },
  };
  return requester;
}
