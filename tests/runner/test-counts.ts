export type TestCounts = { readonly pass: number; readonly fail: number; readonly skip: number };

const CASE = /<testcase name="([^"]*)"[^>]*?(?:\/>|>([\s\S]*?)<\/testcase>)/g;
/** A hook. Bun writes one down that failed, and each that it skipped. */
const HOOK = "(unnamed)";

/** How many tests passed, failed and were skipped, by a JUnit report. A hook that failed counts, one that was skipped does not. */
export function countTests(junit: string): TestCounts {
  const counts = { pass: 0, fail: 0, skip: 0 };
  for (const [, name, inner = ""] of junit.matchAll(CASE)) {
    if (inner.includes("<failure")) counts.fail += 1;
    else if (!inner.includes("<skipped")) counts.pass += 1;
    else if (name !== HOOK) counts.skip += 1;
  }
  return counts;
}
