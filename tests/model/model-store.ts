import type { StepState } from "../../core/model/step-results.ts";
import { isTerminal, type TaskStatus } from "../../core/model/task.ts";
import type { SettleRequest, StepWrite } from "../../core/ports/task-store.ts";

export type ModelStep = { state: StepState; asks: number; inFlight: boolean; price: number };

export type ModelTask = {
  readonly id: string;
  readonly userId: string;
  readonly n: number;
  readonly held: number;
  readonly expiresMs: number;
  status: TaskStatus;
  fence: number;
  version: number;
  attempts: number;
  crashes: number;
  claimed: boolean;
  leaseUntilMs: number;
  availableMs: number;
  dispatch: "ready" | "sent" | "done";
  dispatchNo: number;
  sentMs: number;
  settled: { readonly postedCredits: number; readonly releasedCredits: number } | null;
  readonly steps: Map<string, ModelStep>;
  readonly images: Map<number, string>;
};

export type Claim = { readonly taskId: string; readonly fence: number };
type Account = { available: number; held: number; frozen: boolean };

export const STRANDED_MS = 5_000;

/**
 * What the Store is meant to do with a task, without SQL, transactions or concurrency: plain maps and a clock that is
 * told. Written from the design, not from the adapters: it shares no rule with them.
 */
export class ModelStore {
  nowMs: number;
  paused = false;
  /** How many commands were carried out. */
  acts = 0;
  readonly accounts = new Map<string, Account>();
  readonly tasks = new Map<string, ModelTask>();
  /** Every claim ever made, old ones too. */
  readonly claims: Claim[] = [];

  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }

  list(): ModelTask[] {
    return [...this.tasks.values()];
  }

  account(userId: string): Account {
    const account = this.accounts.get(userId);
    if (account === undefined) throw new Error(`the model has no account ${userId}`);
    return account;
  }

  sent(): ModelTask[] {
    return this.list().filter((task) => task.status === "queued" && task.dispatch === "sent");
  }

  ready(): ModelTask[] {
    const { nowMs } = this;
    return this.list().filter(
      (task) => task.status === "queued" && task.dispatch === "ready" && task.availableMs <= nowMs,
    );
  }

  send(task: ModelTask): void {
    task.dispatch = "sent";
    task.dispatchNo += 1;
    task.sentMs = this.nowMs;
  }

  claim(task: ModelTask, leaseMs: number): boolean {
    const free = task.status === "queued" && task.availableMs <= this.nowMs;
    const abandoned = task.status === "running" && task.leaseUntilMs < this.nowMs;
    if (this.paused || task.expiresMs <= this.nowMs || !(free || abandoned)) return false;
    if (abandoned) task.crashes += 1;
    Object.assign(task, { status: "running", dispatch: "sent", claimed: true });
    task.leaseUntilMs = this.nowMs + leaseMs;
    task.fence += 1;
    task.version += 1;
    this.claims.push({ taskId: task.id, fence: task.fence });
    return true;
  }

  /** The task of a place that is still its holder's; null for every older one. */
  holder({ taskId, fence }: Claim): ModelTask | null {
    const task = this.tasks.get(taskId);
    return task?.status === "running" && task.fence === fence ? task : null;
  }

  checkpoint(claim: Claim, { step, index, state, priceCredits, image }: StepWrite): number | null {
    const task = this.holder(claim);
    if (task === null) return null;
    task.version += 1;
    const record = stepAt(task, `${step}/${index}`);
    if (record.state === "asked") {
      record.state = state;
      record.price = priceCredits;
      if (image !== undefined) task.images.set(index, image.key);
    }
    return task.version;
  }

  markPaidCall(claim: Claim, step: string): number | null {
    const task = this.holder(claim);
    if (task === null) return null;
    task.version += 1;
    const record = stepAt(task, step);
    if (record.state === "asked") {
      record.asks += 1;
      record.inFlight = true;
    }
    return task.version;
  }

  clearPaidCall(claim: Claim, step: string, ran: "no" | "yes"): boolean {
    const task = this.holder(claim);
    const record = task?.steps.get(step);
    if (record?.state === "asked" && record.inFlight) {
      record.inFlight = false;
      if (ran === "no") record.asks -= 1;
    }
    return task !== null;
  }

  requeue(claim: Claim, { delayMs, spent }: { delayMs: number; spent: boolean }): number | null {
    const task = this.holder(claim);
    if (task === null) return null;
    Object.assign(task, { status: "queued", dispatch: "ready", leaseUntilMs: 0 });
    task.availableMs = this.nowMs + delayMs;
    if (spent) task.attempts += 1;
    task.version += 1;
    return task.version;
  }

  settle({ taskId, fence, ending }: Pick<SettleRequest, "taskId" | "fence" | "ending">) {
    const task = this.tasks.get(taskId);
    if (task === undefined || isTerminal(task.status)) return null;
    if (fence !== null && this.holder({ taskId, fence }) === null) return null;
    if (ending === "expired" && task.expiresMs > this.nowMs) return null;
    const done = [...task.steps].filter(([, { state }]) => state === "done");
    const delivered = done.filter(([name]) => name.startsWith("generate/")).length;
    let postedCredits = 0;
    if (delivered > 0) for (const [, { price }] of done) postedCredits += price;
    const releasedCredits = task.held - postedCredits;
    const reached = delivered >= task.n ? "succeeded" : delivered > 0 ? "partial" : "failed";
    task.status = ending === "finished" ? reached : ending;
    task.settled = { postedCredits, releasedCredits };
    task.dispatch = "done";
    task.fence += 1;
    task.version += 1;
    const account = this.account(task.userId);
    account.held -= task.held;
    account.available += releasedCredits;
    return { status: task.status, postedCredits, releasedCredits, version: task.version };
  }
}

function stepAt(task: ModelTask, name: string): ModelStep {
  const record = task.steps.get(name) ?? { state: "asked", asks: 0, inFlight: false, price: 0 };
  task.steps.set(name, record);
  return record;
}
