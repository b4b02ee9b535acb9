import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { faultsOfIssues } from "./faults-of-issues.ts";
import { plainMessage } from "./plain-messages.ts";

/** How the library says it. */
const LIBRARY = /invalid|expected|received|too (?:big|small)|unrecognized|>=|<=|\bNaN\b/i;

type Example = readonly [schema: z.ZodType, value: unknown, says: string];

/** Each kind of fault there is, with values that have it. */
const EXAMPLES: Readonly<Record<z.core.$ZodIssue["code"], readonly Example[]>> = {
  invalid_type: [
    [z.object({ a: z.array(z.string()) }), {}, "is missing: give a list"],
    [z.object({ a: z.string() }), {}, "is missing: give a text"],
    [z.string(), 5, "must be a text"],
    [z.number(), "5", "must be a number"],
    [z.number().int(), 1.5, "must be a whole number"],
    [z.boolean(), "yes", "must be true or false"],
    [z.array(z.string()), {}, "must be a list"],
    [z.object({}), [], "must be an object with fields"],
    [z.record(z.string(), z.string()), null, "must be an object with fields"],
    [z.tuple([z.string()]), "a", "must be a list"],
    [z.number(), Number.NaN, "must be a number"],
    [z.date(), "today", "must be another kind of value"],
  ],
  too_big: [
    [z.string().max(3), "abcd", "may have at most 3 characters"],
    [z.array(z.string()).max(1), ["a", "b"], "may have at most 1 entries"],
    [z.number().max(3), 4, "may be at most 3"],
    [z.number().lt(3), 3, "must be less than 3"],
  ],
  too_small: [
    [z.string().min(1), "", "must not be empty"],
    [z.string().min(3), "a", "must have at least 3 characters"],
    [z.array(z.string()).min(1), [], "must not be empty"],
    [z.number().min(3), 2, "must be at least 3"],
    [z.number().gt(0), 0, "must be more than 0"],
  ],
  invalid_format: [
    [z.email(), "a", "must be an e-mail address such as you@example.com"],
    [z.url(), "a", "must be a complete URL such as https://example.com/"],
    [z.iso.datetime(), "a", "must be a time such as 2026-01-31T08:00:00Z"],
    [z.string().regex(/^a$/), "b", "must be written in another form"],
  ],
  not_multiple_of: [[z.number().multipleOf(8), 3, "must be a multiple of 8"]],
  unrecognized_keys: [[z.strictObject({}), { a: 1 }, "there is no such field"]],
  invalid_union: [
    [z.union([z.string(), z.boolean()]), 5, "must be a text; or must be true or false"],
    [
      z.discriminatedUnion("t", [z.object({ t: z.literal("a") })]),
      { t: "b" },
      "is none of the things that it may be",
    ],
  ],
  invalid_key: [
    [
      z.record(z.string().max(2), z.string()),
      { abc: "" },
      "has a name that is not allowed: a name may have at most 2 characters",
    ],
  ],
  invalid_element: [
    [z.map(z.object({}), z.string()), new Map([[{}, 5]]), "has an entry that is not allowed"],
  ],
  invalid_value: [
    [z.enum(["a", "b"]), "c", "allowed are a, b"],
    [z.literal("a"), "c", "allowed are a"],
  ],
  custom: [[z.string().refine(() => false), "a", "is not allowed"]],
};

describe("a fault without words of its own", () => {
  for (const [code, examples] of Object.entries(EXAMPLES)) {
    test(`of the kind ${code} is told in a plain sentence`, () => {
      for (const [schema, value, says] of examples) {
        const parsed = schema.safeParse(value, { error: plainMessage });
        const details = faultsOfIssues(parsed.error?.issues ?? []).map(({ detail }) => detail);

        expect(details).toEqual([says]);
        expect(says).not.toMatch(LIBRARY);
      }
    });
  }
});
