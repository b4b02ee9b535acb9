import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { z } from "zod";
import { ADDRESS_CHARS_MAX } from "../../core/model/image-source.ts";
import { newCustomer, newTask } from "../../core/ports/contracts/store.fixture.ts";
import { INPUT_BYTES_MAX } from "../../core/tasks/read-sources.ts";
import { fullBody, openTestApp, problemOf, type TestApp } from "../../tests/test-app.ts";
import { PAGE_BYTES_MAX } from "../page.ts";
import { RIGHT_BODIES, TASK_ROUTES } from "../task-bodies.fixture.ts";
import { issueToken } from "../sign-in/tokens.ts";
import { schemaOf } from "./validate.ts";

const CREATE = "/api/v1/ai-generation/create";
const QUOTE = "/api/v1/ai-generation/quote";
const LIST = "/api/v1/ai-generation/tasks";

const stored: string[] = [];
let app: TestApp;
let anna = "";
let userId = "";
beforeAll(async () => {
  app = await openTestApp((real) => ({
    objects: { ...real.objects, put: async (key) => void stored.push(key) },
  }));
  userId = await newCustomer(app.deps.store, 100_000);
  anna = issueToken(app.deps.jwtSecret, { userId, role: "customer" }, app.deps.clock.nowMs());
});
afterAll(() => app.close());

/** What a schema and all within it leave without a bound, each by its path. */
function unboundedIn(schema: z.core.$ZodType, path: string): string[] {
  const { def } = insideOf(schema) as z.core.$ZodTypeInternals & {
    def: z.core.$ZodTypes["_zod"]["def"];
  };
  const inner = (one: z.core.$ZodType, name = "") => unboundedIn(one, `${path}${name}`);
  switch (def.type) {
    case "string":
      return isBoundedText(schema) ? [] : [`${path}: a text`];
    case "number": {
      const kinds = checksOf(schema).map(({ check }) => check);
      const isBounded = kinds.includes("greater_than") && kinds.includes("less_than");
      return isBounded ? [] : [`${path}: a number`];
    }
    case "array": {
      const isBounded = checksOf(schema).some(({ check }) => check === "max_length");
      return [...(isBounded ? [] : [`${path}: a list`]), ...inner(def.element, "/*")];
    }
    case "record": {
      const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`n${n}`, "x"]));
      const found = z.core.safeParse(schema, many).success ? [`${path}: a record`] : [];
      return [...found, ...inner(def.keyType, "/<name>"), ...inner(def.valueType, "/*")];
    }
    case "object":
      return Object.entries(def.shape).flatMap(([name, field]) => inner(field, `/${name}`));
    case "union":
      return def.options.flatMap((option) => inner(option));
    case "tuple":
      return def.items.flatMap((item) => inner(item, "/*"));
    case "pipe":
      return inner(def.in);
    case "optional":
    case "nullable":
    case "default":
    case "prefault":
      return inner(def.innerType);
    case "enum":
    case "literal":
    case "boolean":
    case "never":
      return [];
    default:
      return [`${path}: the test does not know ${def.type}`];
  }
}

/** What zod keeps of itself. */
const insideOf = <T>({ _zod }: { readonly _zod: T }): T => _zod;

type Check = { readonly check: string; readonly pattern?: unknown };

function checksOf(schema: z.core.$ZodType): Check[] {
  return (insideOf(schema).def.checks ?? []).map((check) => insideOf(check).def);
}

/** By a length, or by a whole form in which nothing repeats without end. */
function isBoundedText(schema: z.core.$ZodType): boolean {
  return checksOf(schema).some(({ check, pattern }) => {
    if (check === "max_length") return true;
    const form = pattern instanceof RegExp ? pattern.source : "";
    return /^\^.*\$$/.test(form) && !/[*+]|\{\d+,\}/.test(form);
  });
}

describe("every request schema", () => {
  test("bounds every text, number, list and record in it", () => {
    const schemas = app.app.routes.flatMap(({ method, path, handler }) => {
      const schema = schemaOf(handler);
      return schema === undefined ? [] : [{ at: `${method} ${path}`, schema }];
    });

    const unbounded = schemas.flatMap(({ at, schema }) => unboundedIn(schema, at));

    expect(schemas.length).toBeGreaterThanOrEqual(17);
    expect(unbounded).toEqual([]);
  });

  test("is there for every route that takes a body", () => {
    const withBody = app.app.routes.filter(({ method }) => method === "POST" || method === "PUT");
    const paths = [...new Set(withBody.map(({ path }) => path))];

    const unchecked = paths.filter((path) =>
      withBody.every((route) => route.path !== path || schemaOf(route.handler) === undefined),
    );

    expect(unchecked).toEqual(["/api/v1/admin/queue/resume"]);
  });

  test("the walk finds what has no bound", () => {
    const open = z.object({
      text: z.string().min(1),
      form: z.string().regex(/^\d+$/),
      list: z.array(z.string().max(5)),
      fields: z.record(z.string(), z.string().max(5)),
      count: z.number().min(1).optional(),
    });

    expect(unboundedIn(open, "")).toEqual([
      "/text: a text",
      "/form: a text",
      "/list: a list",
      "/fields: a record",
      "/fields/<name>: a text",
      "/count: a number",
    ]);
  });
});

const addressOf = (chars: number) => `https://a/${"x".repeat(chars - 10)}`;
const withAddress = {
  FULL_GENERATION: {
    pointer: "/clothingImages/0",
    with: (url: string) => ({ clothingImages: [url] }),
  },
  PREPROCESS_ONLY: { pointer: "/images/0", with: (url: string) => ({ images: [url] }) },
  PROMPT_ONLY: { pointer: "/imageUrl", with: (url: string) => ({ imageUrl: url }) },
  GENERATE_ONLY: {
    pointer: "/referenceImages/0",
    with: (url: string) => ({ referenceImages: [url] }),
  },
} as const;

describe("an image address", () => {
  const types = Object.keys(withAddress) as (keyof typeof withAddress)[];
  for (const type of types) {
    test(`of ${ADDRESS_CHARS_MAX} characters is taken for ${type}, a longer one is told with its pointer`, async () => {
      const { pointer, with: withUrl } = withAddress[type];
      const right = withUrl(addressOf(ADDRESS_CHARS_MAX));
      const long = withUrl(addressOf(ADDRESS_CHARS_MAX + 1));
      const post = (path: string, body: unknown) => app.post(path, body, { token: anna });
      const input = { ...RIGHT_BODIES[type], ...long };

      const taken = await post(TASK_ROUTES[type], { ...RIGHT_BODIES[type], ...right });
      const plain = await problemOf(await post(TASK_ROUTES[type], input));
      const nested = await problemOf(await post(CREATE, { type, input }));
      const quoted = await problemOf(await post(QUOTE, { type, input }));

      expect(taken.status).toBe(202);
      expect([plain.status, plain.errors?.[0]?.pointer]).toEqual([422, pointer]);
      expect(plain.detail).toContain("4097 characters and may have 4096");
      expect(nested.errors?.[0]?.pointer).toBe(`/input${pointer}`);
      expect(quoted.errors?.[0]?.pointer).toBe(`/input${pointer}`);
    });
  }

  test("of seven million characters is refused, and so is one of our own store", async () => {
    const own = app.deps.objects.objectUrl(`u/${userId}/up/img_a.jpg`);
    for (const url of [addressOf(7_000_000), `${own}?${"x".repeat(7_000_000)}`]) {
      const body = { ...RIGHT_BODIES.FULL_GENERATION, clothingImages: [url] };

      const answer = await app.post(TASK_ROUTES.FULL_GENERATION, body, { token: anna });

      expect(answer.status).toBe(422);
    }
  });
});

describe("what a task keeps", () => {
  test("is the address of a picture that came as a data: URI, never the picture", async () => {
    const picture = `data:image/png;base64,${"A".repeat(4_000_000)}`;
    const body = { ...RIGHT_BODIES.FULL_GENERATION, clothingImages: [picture] };

    const answer = await app.post(TASK_ROUTES.FULL_GENERATION, body, { token: anna });
    const { id } = z.object({ id: z.string() }).parse(await answer.json());
    const query = app.db.kysely.selectFrom("tasks").selectAll().where("id", "=", id);
    const row = await query.executeTakeFirstOrThrow();

    expect(stored).toHaveLength(1);
    expect(JSON.stringify(row).length).toBeLessThan(3_000);
    expect(row.input).toContain(app.deps.objects.objectUrl(stored[0] ?? ""));
  });

  test("has a bound over all its fields", async () => {
    const referenceImages = Array.from({ length: 10 }, () => `https://a/${"衬".repeat(4_000)}`);
    const body = { ...RIGHT_BODIES.GENERATE_ONLY, referenceImages };

    const problem = await problemOf(
      await app.post(TASK_ROUTES.GENERATE_ONLY, body, { token: anna }),
    );

    expect([problem.status, problem.errors?.[0]?.code]).toEqual([422, "TOO_BIG"]);
    expect(problem.detail).toContain(String(INPUT_BYTES_MAX));
  });
});

describe("a page of heavy tasks", () => {
  test("ends when it weighs enough, and the next one goes on from there", async () => {
    const heavyId = await newCustomer(app.deps.store, 0);
    const token = issueToken(
      app.deps.jwtSecret,
      { userId: heavyId, role: "customer" },
      app.deps.clock.nowMs(),
    );
    const creates = Array.from({ length: 9 }, () => newTask({ userId: heavyId, held: 0 }));
    await app.deps.store.tasks.create(creates, 10);
    const input = JSON.stringify({ ...fullBody, sceneType: "x".repeat(900_000) });
    await app.db.kysely.updateTable("tasks").set({ input }).where("userId", "=", heavyId).execute();

    const sizes: number[] = [];
    const ids: string[] = [];
    for (let path: string | undefined = `${LIST}?limit=100`; path !== undefined;) {
      const answer: Response = await app.get(path, token);
      const text = await answer.text();
      sizes.push(Buffer.byteLength(text));
      const page = z
        .object({ data: z.array(z.object({ id: z.string() })) })
        .parse(JSON.parse(text));
      ids.push(...page.data.map(({ id }) => id));
      path = /^<([^>]+)>/.exec(answer.headers.get("link") ?? "")?.[1];
    }

    expect(sizes).toHaveLength(3);
    for (const bytes of sizes) expect(bytes).toBeLessThan(PAGE_BYTES_MAX + 1_000);
    expect(ids.toSorted()).toEqual(creates.map(({ task }) => task.id).toSorted());
  });
});
