import { setTimeout as sleep } from "node:timers/promises";
import { freshId } from "../../core/model/ids.fixture.ts";
import { drawSampleGarment } from "../../local/samples/draw-sample-garment.ts";
import type { Check } from "./check-table.ts";
import type { ApiParts } from "./api-parts.ts";
import { taskChecks } from "./task-checks.ts";

/** What the tasks of one run hold at most. */
export const CREDITS_NEEDED = 60;
const NO_LOGIN =
  "nobody to sign in as: --email and --password (or DRAPE_EMAIL and DRAPE_PASSWORD), or the login of npm run dev";

/** Every route as a customer meets it, in the order in which one would. */
export function apiChecks(parts: ApiParts): readonly Check[] {
  return [...openChecks(parts), ...customerChecks(parts)];
}

function openChecks(parts: ApiParts): readonly Check[] {
  return [
    answers(parts, "GET /health/live", "/health/live", 200),
    answers(parts, "GET /health/ready", "/health/ready", 200),
    answers(parts, "GET /health", "/health", 200),
    answers(parts, "GET /health/scf", "/health/scf", 200),
    answers(parts, "GET /api/v1/scenes", "/api/v1/scenes", 200),
    answers(parts, "GET /api/v1/prices", "/api/v1/prices", 200),
    answers(parts, "a route that is none: 404", "/api/v1/nothing", 404),
    answers(parts, "without a token: 401", "/api/v1/credits", 401),
    // 404 where it is not set up.
    refuses(
      parts,
      "a WeChat code that is none",
      ["/api/v1/auth/wechat", { code: "no-code" }],
      [401, 404],
    ),
  ];
}

/** As the customer who signs in first; without one they are skipped. */
function customerChecks(parts: ApiParts): readonly Check[] {
  const { client, login } = parts;
  const photo = { url: "" };
  let available = 0;
  const whyNotPaid = () =>
    parts.whyNotPaid ??
    (available >= CREDITS_NEEDED
      ? null
      : `the customer has ${available} credits and the tasks need up to ${CREDITS_NEEDED}: an administrator grants them`);
  const checks: readonly Check[] = [
    {
      name: "POST /api/v1/auth/login",
      async run() {
        if (login === null) throw new Error(NO_LOGIN);
        await client.login(login.email, login.password);
        return client.userId;
      },
    },
    answers(parts, "GET /api/v1/me", "/api/v1/me", 200),
    {
      name: "GET /api/v1/credits",
      async run() {
        const answer = await client.raw("GET", "/api/v1/credits");
        if (answer.status !== 200) throw new Error(`HTTP ${answer.status}`);
        ({ available } = (await answer.json()) as { available: number }); // our API's answer
        return `${available} available`;
      },
    },
    answers(parts, "GET /api/v1/credits/ledger", "/api/v1/credits/ledger?limit=5", 200),
    answers(parts, "GET /api/v1/ai-generation/tasks", "/api/v1/ai-generation/tasks?limit=5", 200),
    answers(parts, "stats are for administrators: 403", "/api/v1/ai-generation/stats", 403),
    answers(parts, "another's task: 404", `/api/v1/ai-generation/tasks/${freshId("task")}`, 404),
    ...["audit", "costs", "presets", `tasks/${freshId("task")}`].map((path) =>
      answers(parts, `admin/${path.split("/")[0]}: 403`, `/api/v1/admin/${path}`, 403),
    ),
    refuses(parts, "admin/credits/grant: 403", ["/api/v1/admin/credits/grant", {}], [403]),
    refuses(parts, "admin/queue/pause: 403", ["/api/v1/admin/queue/pause", {}], [403]),
    wrongBody(parts),
    quote(parts),
    {
      name: "POST /api/v1/uploads, and the form",
      async run() {
        const bytes = await drawSampleGarment("dress", 0);
        photo.url = await client.upload({ name: "连衣裙.jpg", bytes, contentType: "image/jpeg" });
        return `${bytes.byteLength} bytes`;
      },
    },
    ...taskChecks(parts, photo).map((check) => ({ ...check, skip: whyNotPaid })),
  ];
  if (login !== null) return checks;
  return checks.map((check) => ({ ...check, skip: () => NO_LOGIN }));
}

/** A part that has just been slow is looked at again: only one that stays away is a finding. */
const HEALTH_PATIENCE_MS = 20_000;
const AGAIN_MS = 2_000;

function answers({ client }: ApiParts, name: string, path: string, status: number): Check {
  const patienceMs = path === "/health" ? HEALTH_PATIENCE_MS : 0;
  return {
    name,
    async run() {
      const endsMs = Date.now() + patienceMs;
      let answer = await client.raw("GET", path);
      while (answer.status !== status && Date.now() < endsMs) {
        await sleep(AGAIN_MS);
        answer = await client.raw("GET", path);
      }
      const text = await answer.text();
      if (answer.status !== status) throw new Error(`HTTP ${answer.status}: ${text.slice(0, 200)}`);
      return text.slice(0, 60).replaceAll("\n", " ");
    },
  };
}

function refuses(
  { client }: ApiParts,
  name: string,
  [path, body]: readonly [string, object],
  statuses: readonly number[],
): Check {
  return {
    name: `POST ${name}`,
    async run() {
      const answer = await client.raw("POST", path, body);
      const text = await answer.text();
      if (!statuses.includes(answer.status))
        throw new Error(`HTTP ${answer.status}: ${text.slice(0, 200)}`);
      return String(answer.status);
    },
  };
}

function quote({ client }: ApiParts): Check {
  return {
    name: "POST /api/v1/ai-generation/quote",
    async run() {
      const input = { prompt: "一条红色连衣裙", options: { n: 2 } };
      const body = { type: "GENERATE_ONLY", input };
      const answer = await client.raw("POST", "/api/v1/ai-generation/quote", body);
      const quoted = (await answer.json()) as { credits?: number; detail?: string }; // our API's answer
      if (answer.status !== 200) throw new Error(`HTTP ${answer.status}: ${quoted.detail}`);
      return JSON.stringify(quoted).slice(0, 60);
    },
  };
}

function wrongBody({ client }: ApiParts): Check {
  return {
    name: "a wrong body: 422 with a pointer",
    async run() {
      const body = {
        clothingImages: [],
        sceneType: "moon",
        stylePreference: "casual",
        options: {},
      };
      const answer = await client.raw("POST", "/api/ai-image/generate", body);
      const problem = (await answer.json()) as { errors?: { pointer: string }[] }; // RFC 9457, as the API promises
      const pointers = (problem.errors ?? []).map(({ pointer }) => pointer);
      if (answer.status !== 422 || pointers.length === 0) throw new Error(`HTTP ${answer.status}`);
      return pointers.slice(0, 3).join(" ");
    },
  };
}
