import { ASSERTION, type Mutant } from "./mutant.ts";

const one = (
  name: string,
  edit: readonly [file: string, find: string, replace: string],
  [file, test]: readonly [file: string, test: string],
): Mutant => {
  const [at, find, replace] = edit;
  return { name, edits: [{ file: at, find, replace }], file, test, sign: ASSERTION };
};

/** Small bugs, each of a kind that costs somebody money, privacy or trust. */
export const PROMISE_MUTANTS: readonly Mutant[] = [
  // Pipeline
  one(
    "only the first photo is checked",
    [
      "core/pipeline/import-sources.ts",
      "const { doubt } = await checkPhoto(run, index, result);",
      "const { doubt } = index > 0 ? { doubt: null } : await checkPhoto(run, index, result);",
    ],
    ["core/pipeline/everything-checked.test.ts", "every word and picture that was sent:"],
  ),
  one(
    "the watermark's words are not checked",
    [
      "core/pipeline/check-content.ts",
      'return text === undefined ? [] : [{ what: "the watermark", text }];',
      "return text === undefined ? [] : [];",
    ],
    ["core/pipeline/everything-checked.test.ts", "every word and picture that was sent:"],
  ),
  one(
    "many photos cost what one does",
    [
      "core/model/pricing.ts",
      "const counts = { preprocess, prompt, image: generate };",
      "const counts = { preprocess: Math.min(1, preprocess), prompt, image: generate };",
    ],
    ["core/model/pricing.test.ts", "counts each photo, prompt and picture:"],
  ),
  one(
    "what cannot be used is bought for ever",
    ["core/pipeline/paid-call.ts", "const PURCHASES_MAX = 2;", "const PURCHASES_MAX = 1_000;"],
    [
      "core/pipeline/spent-paid-calls.test.ts",
      "is not bought a third time by another worker that knows only what is committed",
    ],
  ),
  one(
    "a paid call that ran is sent again at once",
    [
      "core/invocation/resilient-invoker.ts",
      'return options.repeatable || error.ran === "no";',
      'return options.repeatable || error.ran !== "unknown";',
    ],
    [
      "core/pipeline/spent-paid-calls.test.ts",
      "is bought once more, then it is missed for good: free, with its reason",
    ],
  ),
  one(
    "one death is a photo's end",
    ["core/invocation/resilient-invoker.ts", "const DEATHS_MAX = 2;", "const DEATHS_MAX = 1;"],
    [
      "core/pipeline/costly-photos.test.ts",
      "alone it is tried twice and missed, and the function goes on for everybody",
    ],
  ),
  one(
    "one customer's photo is an outage",
    [
      "core/invocation/picture-deaths.ts",
      "const CUSTOMERS_OF_AN_OUTAGE = 3;",
      "const CUSTOMERS_OF_AN_OUTAGE = 1;",
    ],
    [
      "core/pipeline/costly-photos.test.ts",
      "alone it is tried twice and missed, and the function goes on for everybody",
    ],
  ),
  one(
    "in an outage photos are blamed",
    [
      "core/invocation/resilient-invoker.ts",
      "if (deaths >= DEATHS_MAX && !client.isOutage()) throw tooCostly(error);",
      "if (deaths >= DEATHS_MAX) throw tooCostly(error);",
    ],
    [
      "core/pipeline/costly-photos.test.ts",
      "that passed before says that it is the function: the circuit opens, and it is not blamed",
    ],
  ),
  one(
    "the same photo is paid for twice",
    [
      "core/pipeline/same-photos.ts",
      "if (importedKey(run, other) === key) return other;",
      "if (importedKey(run, other) === key) return null;",
    ],
    [
      "core/pipeline/same-photos.test.ts",
      "is worked on once where photos are all that is wanted, and each has its result",
    ],
  ),
  one(
    "customers read what the operator must mend",
    [
      "core/tasks/run-task.ts",
      'message: whose === "operator" ? NOT_FOR_NOW : error.message,',
      "message: whose === undefined ? NOT_FOR_NOW : error.message,",
    ],
    [
      "core/pipeline/pipeline.test.ts",
      "a function that is missing pauses the task: no attempt is spent, and it ends once it is back",
    ],
  ),
  one(
    "a task that delivered nothing is charged",
    [
      "core/model/settlement.ts",
      "const posted = delivered === 0 ? 0 : Math.min(price, task.heldCredits);",
      "const posted = Math.min(price, task.heldCredits);",
    ],
    ["core/model/settlement.test.ts", "no image: failed, and the steps before it are free"],
  ),
  one(
    "a negative balance freezes nobody",
    ["core/admin/audit-ledger.ts", "/^I[134][a-z]?$/", "/^I[14][a-z]?$/"],
    ["core/admin/audit-ledger.test.ts", "an account is frozen for the breach of I3 alone"],
  ),
  one(
    "an end is promised while the queue is paused",
    [
      "core/queue/queue-position.ts",
      "const etaSeconds = blockedBy === null ? etaOf(await throughputFor(type), load) : null;",
      "const etaSeconds = etaOf(await throughputFor(type), load);",
    ],
    [
      "core/queue/queue-position.test.ts",
      "is none while something keeps the tasks of its type from going on, which is named",
    ],
  ),
  one(
    "each picture is told twice",
    [
      "core/pipeline/task-run.ts",
      'const type = step === "generate" ? "task.image.preview" : "task.image";',
      'const type = step === "import" ? "task.image.preview" : "task.image";',
    ],
    [
      "core/pipeline/published-images.test.ts",
      "each one comes once as it is delivered, and before as it was generated",
    ],
  ),
  // API
  one(
    "another customer's task is read",
    [
      "core/tasks/cancel-task.ts",
      "if (task === null || task.userId !== userId) {",
      "if (task === null || userId === null) {",
    ],
    ["api/others-tasks.test.ts", "is on every route with an id as absent as one that never was"],
  ),
  one(
    "a token has no end",
    [
      "api/tokens.ts",
      "if (claims.exp <= nowMs / 1000) throw expired();",
      "if (claims.exp <= 0) throw expired();",
    ],
    ["api/token-refusals.test.ts", "that has expired is told as such, with the cure"],
  ),
  one(
    "a token may live for ever",
    ["api/tokens.ts", "exp - iat <= TOKEN_LIFE_S;", "exp - iat <= Number.MAX_SAFE_INTEGER;"],
    [
      "api/token-refusals.test.ts",
      "is refused for another audience, before its time, and when it lives longer than ours",
    ],
  ),
  one(
    "who has no account is answered sooner",
    [
      "api/routes/accounts.ts",
      "const matches = await passwords.verify(password, hash ?? (await nobody));",
      "const matches = hash !== null && (await passwords.verify(password, hash));",
    ],
    [
      "api/sign-in-cost.test.ts",
      "a sign-in costs the same hash, whether the address has an account, none, or one without a password",
    ],
  ),
  one(
    "any page may call",
    [
      "api/cors.ts",
      'return origins === "loopback" ? isLoopback(origin) : origins.includes(origin);',
      'return origins === "loopback" ? isLoopback(origin) : origin !== "";',
    ],
    ["api/cors.test.ts", "of another page allows nothing"],
  ),
  one(
    "streams have no limit",
    [
      "api/open-streams.ts",
      "if (mine >= limits.customerStreams) throw tooMany(limits.customerStreams);",
      "if (mine < 0) throw tooMany(limits.customerStreams);",
    ],
    [
      "api/open-streams.test.ts",
      "above the customer's limit are 429 with the figure and the cure; another customer's are not",
    ],
  ),
  one(
    "a line may end anywhere",
    [
      "api/check-text.ts",
      "const found = faultOfString(next.value, PROSE.has(path.at(-1)));",
      "const found = faultOfString(next.value, true);",
    ],
    ["api/unreadable-text.test.ts", "a line may end in a prompt, and nowhere else"],
  ),
  one(
    "the operator's words are in the answer",
    ["api/errors.ts", "detail: error.message,", "detail: error.operatorMessage ?? error.message,"],
    ["api/operator-words.test.ts", "is in no problem document of any code, while its log has it"],
  ),
  one(
    "sign-up credits come with every sign-in",
    [
      "core/users/give-sign-up-credits.ts",
      'const id = user.id.replace(/^usr_/, "trf_");',
      "const id = user.id.replace(/^usr_.{9}/, `trf_${String(Math.random()).slice(2, 11)}`);",
    ],
    [
      "api/sign-up-credits.test.ts",
      "is given the credits of a sign-up once, and reads where they came from",
    ],
  ),
  // Image processor
  one(
    "copies have no watermark",
    [
      "scf-functions/ai-image-processor/reencode-picture.ts",
      "const { raster } = await mark(small, operations, work);",
      "const { raster } = await mark(small, { ...operations, watermark: undefined }, work);",
    ],
    [
      "scf-functions/ai-image-processor/seen-in-pixels.test.ts",
      "stands on the picture and on each smaller copy, at the corner that was asked for:",
    ],
  ),
  one(
    "WebP has one quality",
    [
      "scf-functions/ai-image-processor/encode-picture.ts",
      "return image.webp({ quality, effort: WEBP_EFFORT[purpose] });",
      "return image.webp({ quality: quality * 0 + 82, effort: WEBP_EFFORT[purpose] });",
    ],
    [
      "scf-functions/ai-image-processor/seen-in-pixels.test.ts",
      "less of it is a smaller file that is further from the photo",
    ],
  ),
  one(
    "any format comes to the decoder",
    [
      "scf-functions/shared/picture.ts",
      'if (format === null && !isAvif(bytes)) throw new Error("not a picture that is read here");',
      "if (format === null && bytes.length === 0) throw new Error();",
    ],
    [
      "scf-functions/shared/picture.test.ts",
      "what is no JPEG, PNG or WebP never comes to the decoder",
    ],
  ),
  one(
    "a side may be of any length",
    [
      "scf-functions/shared/picture.ts",
      "if (pixelsMax === undefined) refuseHuge({ width, height }, name);",
      "if (pixelsMax === 0) refuseHuge({ width, height }, name);",
    ],
    [
      "scf-functions/shared/picture.test.ts",
      "a ratio that no photo has is refused in every format",
    ],
  ),
  one(
    "a size without bound is made",
    [
      "scf-functions/ai-image-processor/plan-output.ts",
      "  if (fault === null) return;\n",
      "  if (fault !== null) return;\n",
    ],
    [
      "scf-functions/ai-image-processor/plan-output.test.ts",
      "a size that was requested is refused with the limit, before any pixel is made",
    ],
  ),
  // Deployment
  one(
    "a plan prints secrets",
    [
      "scf-functions/deploy/settings-changes.ts",
      "return isSecretVariable(name) ? `${name} ${how} (secret)` : `${name} ${how}: ${wanted[name]}`;",
      'return `${name} ${how}${isSecretVariable(name) ? " (secret)" : ""}: ${wanted[name]}`;',
    ],
    [
      "scf-functions/deploy/deploy-functions.test.ts",
      "with secrets changed and only planned: each is named, and no value old or new is printed",
    ],
  ),
  one(
    "an alias moves before its version was tried",
    [
      "scf-functions/deploy/deploy-functions.ts",
      "if (moves.length > 0) await tryAllOut(deps, deployment.id, moves);\n  await moveAliases(deps, moves);",
      "await moveAliases(deps, moves);\n  if (moves.length > 0) await tryAllOut(deps, deployment.id, moves);",
    ],
    [
      "scf-functions/deploy/deploy-functions.test.ts",
      "leaves every alias where it was, also those of functions that pass",
    ],
  ),
  one(
    "new code has the old code's mark",
    [
      "scf-functions/deploy/deploy-function.ts",
      "return { ...latest, description: UNKNOWN_CODE };",
      "return { ...latest, description: latest.description || UNKNOWN_CODE };",
    ],
    [
      "scf-functions/deploy/deploy-recovery.test.ts",
      "after the code: the code that is there is not taken for the one before",
    ],
  ),
  one(
    "packages of other code have one name",
    [
      "scf-functions/deploy/pack-function.ts",
      "hash.update(`${path}\\0${bytes.byteLength}\\0`).update(bytes);",
      "hash.update(path).update(bytes);",
    ],
    [
      "scf-functions/deploy/pack-function.test.ts",
      "has another name when a byte moves from a file's name to its content, or to the next file",
    ],
  ),
];
