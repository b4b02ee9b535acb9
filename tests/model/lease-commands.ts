import { expect } from "bun:test";
import * as fc from "fast-check";
import {
  importDone,
  pictureFacts,
  preprocessDone,
  promptDone,
} from "../../core/ports/contracts/store.fixture.ts";
import type { SettleRequest, StepWrite } from "../../core/ports/task-store.ts";
import {
  commandOf,
  hasClaims,
  hasTasks,
  nth,
  often,
  claimAt,
  taskAt,
  type Command,
} from "./commands.ts";
import type { ModelTask, Claim } from "./model-store.ts";
import { imageOf, promisedOf, stepOf } from "./model-names.ts";
import { TICK_MS, type Run } from "./subject.ts";

const LEASE_MS = 10.5 * TICK_MS;
const index = fc.nat(1);
const callable = fc.constantFrom("prompt/0", "generate/0", "generate/1");
const ran = fc.constantFrom("no" as const, "yes" as const);
/** Now, soon, and after most leases. */
const delayMs = fc.constantFrom(0, 2.5 * TICK_MS, 12.5 * TICK_MS);

const claiming = commandOf(nth, {
  name: "claim",
  when: hasTasks,
  act: (run, at) => claim(run, taskAt(run.model, at)),
});

const crashing = commandOf(nth, {
  name: "crashAndTakeOver",
  when: hasTasks,
  async act(run, at) {
    run.wait(11);
    await claim(run, taskAt(run.model, at));
  },
});

/** A job as it goes when nothing happens to it, up to its end or to just before it. */
const serving = commandOf(fc.record({ at: nth, images: fc.nat(2), ends: fc.boolean() }), {
  name: "serve",
  when: hasTasks,
  async act(run, { at, images, ends }) {
    const { id } = taskAt(run.model, at);
    await claim(run, taskAt(run.model, at));
    const mine = run.model.claims.findLast(({ taskId }) => taskId === id);
    if (mine === undefined) return;
    await storeStep(run, mine, "prompt", true);
    for (let made = 0; made < images; made += 1) await storeImage(run, mine, made, true);
    if (ends) await settle(run, { ...mine, ending: "finished" });
  },
});

/** One place alone, which may be an old one, or all that there ever were. */
const renewing = commandOf(fc.record({ at: nth, all: fc.boolean() }), {
  name: "renew",
  when: hasClaims,
  act: (run, { at, all }) => renew(run, all ? run.model.claims : [claimAt(run.model, at)]),
});

const storingImage = commandOf(fc.record({ at: nth, index, done: fc.boolean() }), {
  name: "storeImage",
  when: hasClaims,
  act: (run, { at, index: image, done }) => storeImage(run, claimAt(run.model, at), image, done),
});

const steps = fc.constantFrom("import" as const, "preprocess" as const, "prompt" as const);
const storingStep = commandOf(fc.record({ at: nth, step: steps, done: fc.boolean() }), {
  name: "storeStep",
  when: hasClaims,
  act: (run, { at, step, done }) => storeStep(run, claimAt(run.model, at), step, done),
});

const postprocessing = commandOf(fc.record({ at: nth, index }), {
  name: "postprocess",
  when: hasClaims,
  act: (run, { at, index: image }) => postprocess(run, claimAt(run.model, at), image),
});

const markingCalls = commandOf(fc.record({ at: nth, step: callable }), {
  name: "ask",
  when: hasClaims,
  async act({ store: real, model }, { at, step }) {
    const mine = claimAt(model, at);
    const calls = [{ ...stepOf(step), askLimitMs: 60_000 }];
    expect(await real.tasks.markPaidCalls(mine, calls)).toEqual(model.markPaidCall(mine, step));
  },
});

const clearing = commandOf(fc.record({ at: nth, step: callable, ran }), {
  name: "clearPaidCalls",
  when: hasClaims,
  async act({ store: real, model }, { at, step, ran: hasRun }) {
    const mine = claimAt(model, at);
    const cleared = await real.tasks.clearPaidCalls(mine, [stepOf(step)], hasRun);
    expect(cleared).toEqual(model.clearPaidCall(mine, step, hasRun));
  },
});

const requeueing = commandOf(fc.record({ at: nth, delayMs, spent: fc.boolean() }), {
  name: "requeue",
  when: hasClaims,
  async act({ store: real, model }, { at, ...write }) {
    const mine = claimAt(model, at);
    const version = await real.tasks.requeue(mine, { ...write, error: null });
    expect(version).toEqual(model.requeue(mine, write));
  },
});

const finishing = commandOf(nth, {
  name: "finish",
  when: hasClaims,
  act: (run, at) => settle(run, { ...claimAt(run.model, at), ending: "finished" }),
});

/** Claims, heartbeats, writes by present and by past holders, and every way to an end. */
export const leaseCommands: readonly fc.Arbitrary<Command>[] = [
  ...often(4, claiming),
  ...often(3, crashing),
  ...often(3, serving),
  ...often(2, renewing),
  ...often(3, storingImage),
  storingStep,
  ...often(2, postprocessing),
  ...often(2, markingCalls),
  clearing,
  ...often(2, requeueing),
  ...often(2, finishing),
  commandOf(nth, { name: "cancel", when: hasTasks, act: (run, at) => end(run, at, "canceled") }),
  commandOf(nth, { name: "expire", when: hasTasks, act: (run, at) => end(run, at, "expired") }),
];

async function claim({ store: real, model }: Run, task: ModelTask): Promise<void> {
  const claimed = await real.tasks.claim(task.id, "wkr_model", LEASE_MS);
  const isOurs = model.claim(task, LEASE_MS);
  const { fence, crashes, version } = task;
  expect(claimed === null ? null : [claimed.fence, claimed.crashes, claimed.version]).toEqual(
    isOurs ? [fence, crashes, version] : null,
  );
}

async function renew({ store: real, model }: Run, claims: readonly Claim[]): Promise<void> {
  const held = claims.map((mine) => model.holder(mine)).filter((task) => task !== null);
  const kept = await real.tasks.renewLeases(claims, LEASE_MS);
  for (const task of held) task.leaseUntilMs = model.nowMs + LEASE_MS;
  expect(kept.toSorted()).toEqual(held.map(({ id }) => id).toSorted());
}

async function store({ store: real, model }: Run, mine: Claim, write: StepWrite): Promise<void> {
  const version = await real.tasks.checkpoint(mine, [write]);
  expect(version).toEqual(model.checkpoint(mine, write));
}

type PlainStep = "import" | "preprocess" | "prompt";

const free = { index: 0, priceCredits: 0, durationMs: 1 } as const;
const refused = { code: "IMAGE_UNREADABLE", message: "it cannot be read" } as const;
const lesser = { reason: "FUNCTION_FAILED", usedInstead: "a lesser one", creditsReturned: 1 };
const STORED: Record<PlainStep, { readonly done: StepWrite; readonly not: StepWrite }> = {
  import: { done: importDone, not: { ...free, step: "import", state: "missed", result: refused } },
  preprocess: {
    done: preprocessDone,
    not: {
      ...free,
      step: "preprocess",
      state: "degraded",
      result: { ...importDone.result, ...lesser },
    },
  },
  prompt: {
    done: promptDone,
    not: {
      ...free,
      step: "prompt",
      state: "degraded",
      result: { ...promptDone.result, ...lesser },
    },
  },
};

function storeStep(run: Run, mine: Claim, step: PlainStep, done: boolean): Promise<void> {
  return store(run, mine, done ? STORED[step].done : STORED[step].not);
}

function storeImage(run: Run, mine: Claim, at: number, done: boolean): Promise<void> {
  // No more images than were promised: the pipeline never asks for others.
  const imageIndex = at % promisedOf(run.model, mine);
  const write = { step: "generate", index: imageIndex, durationMs: 1 } as const;
  if (!done)
    return store(run, mine, { ...write, state: "missed", priceCredits: 0, result: refused });
  const image = imageOf(mine, imageIndex, "generate");
  return store(run, mine, { ...write, state: "done", priceCredits: 10, result: image, image });
}

async function postprocess(run: Run, mine: Claim, at: number): Promise<void> {
  const made = run.model.tasks.get(mine.taskId)?.steps.get(`generate/${at}`);
  if (made?.state !== "done") return;
  const write = { step: "postprocess", index: at, priceCredits: 0, durationMs: 1 } as const;
  const image = imageOf(mine, at, "image");
  const result = { key: image.key, ...pictureFacts, sourceBytes: 1_200 };
  await store(run, mine, { ...write, state: "done", result, image });
}

function end(run: Run, at: number, ending: "canceled" | "expired"): Promise<void> {
  return settle(run, { taskId: taskAt(run.model, at).id, fence: null, ending });
}

type End = Pick<SettleRequest, "taskId" | "fence" | "ending">;

async function settle({ store: real, model }: Run, request: End): Promise<void> {
  const settled = await real.tasks.settle({ ...request, error: null, actor: "system" });
  expect(settled).toEqual(model.settle(request) as typeof settled);
}
