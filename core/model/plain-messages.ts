import type { z } from "zod";

type RawIssue = z.core.$ZodRawIssue;

/** What a JSON value has to be, by the schema's word for it. */
const TYPES: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object with fields",
  record: "an object with fields",
  tuple: "a list",
};

/** What a text has to look like, by the schema's word for it. */
const FORMATS: Readonly<Record<string, string>> = {
  email: "an e-mail address such as you@example.com",
  url: "a complete URL such as https://example.com/",
  datetime: "a time such as 2026-01-31T08:00:00Z",
};

/** Of what so many are counted; other values are compared. */
const COUNTED: Readonly<Record<string, string>> = {
  string: "characters",
  array: "entries",
  set: "entries",
  map: "entries",
};

/**
 * The words for a fault where the schema has none of its own: what is asked for, never what the library calls it. For
 * the `error` of a parse.
 */
export function plainMessage(issue: RawIssue): string {
  switch (issue.code) {
    case "invalid_type": {
      const wanted = TYPES[issue.expected] ?? "another kind of value";
      return issue.input === undefined ? `is missing: give ${wanted}` : `must be ${wanted}`;
    }
    case "too_big": {
      const counted = COUNTED[issue.origin];
      if (counted !== undefined) return `may have at most ${issue.maximum} ${counted}`;
      const isIncluded = issue.inclusive !== false;
      return isIncluded ? `may be at most ${issue.maximum}` : `must be less than ${issue.maximum}`;
    }
    case "too_small": {
      const counted = COUNTED[issue.origin];
      if (counted !== undefined && issue.minimum === 1) return "must not be empty";
      if (counted !== undefined) return `must have at least ${issue.minimum} ${counted}`;
      const isIncluded = issue.inclusive !== false;
      return isIncluded
        ? `must be at least ${issue.minimum}`
        : `must be more than ${issue.minimum}`;
    }
    case "invalid_format":
      return `must be ${FORMATS[issue.format] ?? "written in another form"}`;
    case "not_multiple_of":
      return `must be a multiple of ${issue.divisor}`;
    case "unrecognized_keys":
      return "there is no such field";
    case "invalid_value":
      return `allowed are ${issue.values.map(String).join(", ")}`;
    case "invalid_key":
      return `has a name that is not allowed: a name ${issue.issues[0]?.message ?? "has another form"}`;
    case "invalid_element":
      return "has an entry that is not allowed";
    case "invalid_union":
      return "is none of the things that it may be";
    case "custom":
      return "is not allowed";
    default:
      return issue satisfies never;
  }
}
