import { plant, type Mutant } from "./mutant.ts";

/** Small bugs of pipeline and API, each of a kind that costs somebody money, privacy or trust. */
export const PROMISE_MUTANTS: readonly Mutant[] = [
  // Pipeline
  plant(
    "only the first photo is checked",
    [
      "core/pipeline/import-sources.ts",
      "const { doubt } = await checkPhoto(run, index, result);",
      "const { doubt } = index > 0 ? { doubt: null } : await checkPhoto(run, index, result);",
    ],
    ["core/pipeline/everything-checked.test.ts", "every word and picture that was sent:"],
  ),
  plant(
    "the watermark's words are not checked",
    [
      "core/pipeline/check-content.ts",
      'return text === undefined ? [] : [{ what: "the watermark", text }];',
      "return text === undefined ? [] : [];",
    ],
    ["core/pipeline/everything-checked.test.ts", "every word and picture that was sent:"],
  ),
  plant(
    "many photos cost what one does",
    [
      "core/model/pricing.ts",
      "const counts = { preprocess, prompt, image: generate };",
      "const counts = { preprocess: Math.min(1, preprocess), prompt, image: generate };",
    ],
    ["core/model/pricing.test.ts", "counts each photo, prompt and picture:"],
  ),
  plant(
    "what cannot be used is bought for ever",
    ["core/pipeline/paid-call.ts", "const PURCHASES_MAX = 2;", "const PURCHASES_MAX = 1_000;"],
    [
      "core/pipeline/spent-paid-calls.test.ts",
      "is not bought a third time by another worker that knows only what is committed",
    ],
  ),
  plant(
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
  plant(
    "one death is a photo's end",
    ["core/invocation/resilient-invoker.ts", "const DEATHS_MAX = 2;", "const DEATHS_MAX = 1;"],
    [
      "core/pipeline/costly-photos.test.ts",
      "alone it is tried twice and missed, and the function goes on for everybody",
    ],
  ),
  plant(
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
  plant(
    "in an outage photos are blamed",
    [
      "core/invocation/resilient-invoker.ts",
      "if (deaths >= DEATHS_MAX && !client.isOutage()) throw tooCostly(error);",
      "if (deaths >= DEATHS_MAX) throw tooCostly(error);",
    ],
    [
      "core/pipeline/costly-photos.test.ts",
      "in an outage a step that waits for its circuit dies twice, and its photo is not blamed",
    ],
  ),
  plant(
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
  plant(
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
  plant(
    "a task that delivered nothing is charged",
    [
      "core/model/settlement.ts",
      "const posted = delivered === 0 ? 0 : Math.min(price, task.heldCredits);",
      "const posted = Math.min(price, task.heldCredits);",
    ],
    ["core/model/settlement.test.ts", "no image: failed, and the steps before it are free"],
  ),
  plant(
    "a negative balance freezes nobody",
    ["core/admin/audit-ledger.ts", "/^I[134][a-z]?$/", "/^I[14][a-z]?$/"],
    ["core/admin/audit-ledger.test.ts", "an account is frozen for the breach of I3 alone"],
  ),
  plant(
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
  plant(
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
  plant(
    "another customer's task is read",
    [
      "core/tasks/cancel-task.ts",
      "if (task === null || task.userId !== userId) {",
      "if (task === null || userId === null) {",
    ],
    ["api/others-tasks.test.ts", "is on every route with an id as absent as one that never was"],
  ),
  plant(
    "a token has no end",
    [
      "api/sign-in/tokens.ts",
      "if (claims.exp <= nowMs / 1000) throw expired();",
      "if (claims.exp <= 0) throw expired();",
    ],
    ["api/sign-in/token-refusals.test.ts", "that has expired is told as such, with the cure"],
  ),
  plant(
    "a token may live for ever",
    [
      "api/sign-in/tokens.ts",
      "exp - iat <= TOKEN_LIFE_S;",
      "exp - iat <= Number.MAX_SAFE_INTEGER;",
    ],
    [
      "api/sign-in/token-refusals.test.ts",
      "is refused for another audience, before its time, and when it lives longer than ours",
    ],
  ),
  plant(
    "who has no account is answered sooner",
    [
      "api/routes/accounts.ts",
      "const matches = await passwords.verify(password, hash ?? (await nobody));",
      "const matches = hash !== null && (await passwords.verify(password, hash));",
    ],
    [
      "api/sign-in/sign-in-cost.test.ts",
      "a sign-in costs the same hash, whether the address has an account, none, or one without a password",
    ],
  ),
  plant(
    "any page may call",
    [
      "api/cors.ts",
      'return origins === "loopback" ? isLoopback(origin) : origins.includes(origin);',
      'return origins === "loopback" ? isLoopback(origin) : origin !== "";',
    ],
    ["api/cors.test.ts", "of another page allows nothing"],
  ),
  plant(
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
  plant(
    "a line may end anywhere",
    [
      "api/body/check-text.ts",
      "const found = faultOfString(next.value, PROSE.has(path.at(-1)));",
      "const found = faultOfString(next.value, true);",
    ],
    ["api/body/unreadable-text.test.ts", "a line may end in a prompt, and nowhere else"],
  ),
  plant(
    "the operator's words are in the answer",
    ["api/errors.ts", "detail: error.message,", "detail: error.operatorMessage ?? error.message,"],
    ["api/operator-words.test.ts", "is in no problem document of any code, while its log has it"],
  ),
  plant(
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
];
