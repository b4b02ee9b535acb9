export type Edit = { readonly file: string; readonly find: string; readonly replace: string };

/** A safety bug, and the test that must notice it: by its assertion, which leaves `sign` in the output. */
export type Mutant = {
  readonly name: string;
  readonly edits: readonly Edit[];
  readonly file: string;
  readonly test: string;
  readonly sign: RegExp;
};

/** How bun prints an assertion that does not hold. */
export const ASSERTION = /expect\(received\)|error: expect/;

/** A bug of one edit. */
export function plant(
  name: string,
  [file, find, replace]: readonly [file: string, find: string, replace: string],
  [testFile, test]: readonly [file: string, test: string],
): Mutant {
  return { name, edits: [{ file, find, replace }], file: testFile, test, sign: ASSERTION };
}
