import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startControlServer } from "../../local/cloud-emulator/control-server.ts";
import { startFixtureCloud, type FixtureCloud } from "../../local/cloud-emulator/cloud.fixture.ts";
import { createModerationRules } from "../../local/cloud-emulator/moderation/moderation-rules.ts";
import type { EmulatorServer } from "../../local/cloud-emulator/emulator-http.ts";
import type { SeenFailure } from "./failure-row.ts";
import { RUNTIMES } from "../runtimes.ts";
import { SCF_ROWS } from "./scf-rows.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
describe("every way in which a call of a function fails", () => {
  let cloud: FixtureCloud;
  let control: EmulatorServer;
  beforeAll(async () => {
    cloud = await startFixtureCloud();
    control = await startControlServer({ scf: cloud.scf, moderation: createModerationRules() });
  });
  afterAll(() => Promise.all([cloud.close(), control.close()]));

  test.each(Object.entries(RUNTIMES))("is told apart on %s", async (runtime, program) => {
    const input = {
      control: `http://${control.endpoint}/control/scf`,
      account: cloud.account,
      endpoint: cloud.scf.endpoint,
    };

    const { stdout } = await promisify(execFile)(
      program,
      [here("drive-scf-rows.ts"), JSON.stringify(input)],
      { timeout: 60_000, env: { PATH: process.env["PATH"] ?? "", no_proxy: "127.0.0.1" } },
    );

    const seen = stdout
      .trim()
      .split("\n")
      .map((line): SeenFailure => JSON.parse(line)); // our own driver's lines
    const wrong = SCF_ROWS.flatMap((row, index) => wrongIn(row, seen[index]));
    expect(wrong).toEqual([]);
    expect(seen).toHaveLength(SCF_ROWS.length);
    process.stdout.write(`📊 on ${runtime}: ${SCF_ROWS.length} rows, all classed right\n`);
  });
});

type Row = (typeof SCF_ROWS)[number];

function wrongIn(row: Row, seen: SeenFailure | undefined): string[] {
  const summary = ({ code, ran, outcome, tripsCircuit, whose }: Row | SeenFailure) =>
    `${code}, ran: ${ran}, ${outcome}, circuit: ${tripsCircuit}, whose: ${whose}`;
  if (seen === undefined) return [`${row.signal}: was not seen`];
  const wrong =
    summary(seen) === summary(row) ? [] : [`${row.signal}: ${summary(seen)}, not ${summary(row)}`];
  if (!seen.operatorReads.includes(row.operatorReads))
    wrong.push(`${row.signal}: the operator reads "${seen.operatorReads}"`);
  if (!seen.customerReads.startsWith("The function prompt-generator "))
    wrong.push(`${row.signal}: the customer reads "${seen.customerReads}"`);
  return wrong;
}
