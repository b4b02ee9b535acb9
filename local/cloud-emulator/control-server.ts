import type { IncomingMessage, ServerResponse } from "node:http";
import { listenOnLoopback, readBody, sendJson, type EmulatorServer } from "./emulator-http.ts";
import { faultSchema } from "./scf/scf-faults.ts";
import {
  moderationFaultSchema,
  moderationRuleSchema,
  type ModerationRules,
} from "./moderation/moderation-rules.ts";
import type { ScfServer } from "./scf/scf-server.ts";

const BODY_BYTES_MAX = 64 * 1024;
const FUNCTION_PATH = /^\/control\/scf\/functions\/([\w-]+)$/;

/**
 * The emulated cloud's own switches, on a port apart from the endpoints that the product speaks to: faults, deployed
 * functions and the logs of invocations and of other actions. Unsigned, since it listens on loopback alone.
 */
export async function startControlServer(parts: Parts): Promise<EmulatorServer> {
  return await listenOnLoopback((request, response) => answer(request, response, parts));
}

type Parts = {
  readonly scf: Pick<ScfServer, "actions" | "faults" | "invocations" | "setDeployed">;
  readonly moderation: ModerationRules;
};

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { scf, moderation }: Parts,
): Promise<void> {
  const [path = "/"] = (request.url ?? "/").split("?", 1);
  const done = (): void => void response.writeHead(204).end();
  const named = FUNCTION_PATH.exec(path)?.[1];
  const route = `${request.method} ${named === undefined ? path : "/function"}`;
  switch (route) {
    case "POST /control/scf/faults": {
      const fault = faultSchema.safeParse(await readJson(request));
      if (!fault.success) return sendJson(response, 422, { errors: fault.error.issues });
      scf.faults.add(fault.data);
      return done();
    }
    case "DELETE /control/scf/faults":
      scf.faults.clear();
      return done();
    case "GET /control/scf/log":
      return sendJson(response, 200, { entries: scf.invocations.entries() });
    case "GET /control/scf/actions":
      return sendJson(response, 200, { entries: scf.actions.entries() });
    case "DELETE /control/scf/actions":
      scf.actions.clear();
      return done();
    case "DELETE /control/scf/log":
      scf.invocations.clear();
      return done();
    case "POST /control/moderation/rules": {
      const rule = moderationRuleSchema.safeParse(await readJson(request));
      if (!rule.success) return sendJson(response, 422, { errors: rule.error.issues });
      moderation.add(rule.data);
      return done();
    }
    case "POST /control/moderation/faults": {
      const fault = moderationFaultSchema.safeParse(await readJson(request));
      if (!fault.success) return sendJson(response, 422, { errors: fault.error.issues });
      moderation.addFault(fault.data);
      return done();
    }
    case "GET /control/moderation/log":
      return sendJson(response, 200, { entries: moderation.calls() });
    case "DELETE /control/moderation":
      moderation.clear();
      return done();
    case "PUT /function":
    case "DELETE /function": {
      const known = scf.setDeployed(named ?? "", request.method === "PUT");
      return known ? done() : sendJson(response, 404, { error: `no function ${named}` });
    }
    default:
      return sendJson(response, 404, { error: `no control route ${request.method} ${path}` });
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const body = await readBody(request, BODY_BYTES_MAX);
  try {
    return JSON.parse(body?.toString("utf8") ?? "");
  } catch {
    return undefined;
  }
}
