import { createMiddleware } from "hono/factory";
import type { Context, MiddlewareHandler } from "hono";
import { z, type ZodType } from "zod";
import { DrapeError } from "../../core/model/errors.ts";
import { faultsOfIssues } from "../../core/model/faults-of-issues.ts";
import { validationFailed } from "../../core/model/field-faults.ts";
import { plainMessage } from "../../core/model/plain-messages.ts";
import { faultsOfText } from "./check-text.ts";
import type { ApiEnv } from "../context.ts";
import { parseBody } from "./parse-body.ts";

type Target = "json" | "query" | "param";
type Validated<T extends Target, S extends ZodType> = MiddlewareHandler<
  ApiEnv,
  string,
  { in: Record<T, z.input<S>>; out: Record<T, z.output<S>> }
>;

/** Checks the JSON body; every fault is reported with a JSON Pointer to its field. */
export function validJson<S extends ZodType>(schema: S): Validated<"json", S> {
  return validate("json", schema, (c) => parseBody(c.get("body")));
}

export function validQuery<S extends ZodType>(schema: S): Validated<"query", S> {
  return validate("query", schema, queryOf);
}

/** The parts of the path that stand for something. */
export function validParam<S extends ZodType>(schema: S): Validated<"param", S> {
  return validate("param", schema, (c) => c.req.param());
}

const schemas = new WeakMap<object, ZodType>();

/** What a middleware of this file checks; undefined for another one. */
export function schemaOf(middleware: object): ZodType | undefined {
  return schemas.get(middleware);
}

function validate<T extends Target, S extends ZodType>(
  target: T,
  schema: S,
  read: (c: Context<ApiEnv>) => unknown,
): Validated<T, S> {
  const middleware: Validated<T, S> = async function checkInput(c, next) {
    const value = read(c);
    const unreadable = faultsOfText(value);
    if (unreadable.length > 0) throw validationFailed(unreadable);
    const parsed = schema.safeParse(value, { error: plainMessage });
    if (!parsed.success) throw validationFailed(faultsOfIssues(parsed.error.issues));
    // What was parsed by the schema of this very target.
    c.req.addValidatedData(target, parsed.data as object);
    await next();
  };
  schemas.set(middleware, schema);
  return middleware;
}

/** A field that comes twice is a list, which no schema of ours takes for a text. */
function queryOf(c: Context<ApiEnv>): unknown {
  const fields = Object.entries(c.req.queries());
  return Object.fromEntries(fields.map(([name, all]) => [name, all.length === 1 ? all[0] : all]));
}

/** An object that takes no other fields; whoever sends one is told which there are. */
export function closedObject<S extends z.core.$ZodLooseShape>(shape: S) {
  const known = Object.keys(shape).join(", ");
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys" ? `there is no such field; there are ${known}` : undefined,
  });
}

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;(.*))?$/i;

/** A body that is not said to be JSON would otherwise be taken as empty, and one in another encoding be misread. */
export const requireJson = createMiddleware<ApiEnv>(async function requireJson(c, next) {
  const type = JSON_TYPE.exec(c.req.header("content-type") ?? "");
  if (type === null) {
    throw new DrapeError(
      "UNSUPPORTED_MEDIA_TYPE",
      "Send the body with Content-Type: application/json.",
    );
  }
  const charset = /(?:^|;)\s*charset\s*=\s*"?([^\s";]*)/i.exec(type[1] ?? "")?.[1];
  if (charset !== undefined && !/^(?:utf-?8|us-ascii)$/i.test(charset)) {
    throw new DrapeError(
      "UNSUPPORTED_MEDIA_TYPE",
      "The charset of the Content-Type is not read: send JSON in UTF-8, the encoding of application/json.",
    );
  }
  await next();
});
