import { expect, test } from "bun:test";
import { contractPorts, contractTable } from "./contract-table.ts";

const suite = (name: string, tests: number, skipped = 0) =>
  `<testsuite name="${name}" file="x.test.ts" line="3" tests="${tests}" assertions="9" failures="0" skipped="${skipped}">`;

test("each port has a line with its adapters and their counts", () => {
  const junit = [
    suite("Cache on memory", 4),
    suite("Cache on Redis", 4),
    suite("the demo on time", 2),
  ].join("");

  const { text, faults } = contractTable(junit, ["Cache"]);

  expect(text).toContain("Cache            memory 4   Redis 4");
  expect(text).not.toContain("demo");
  expect(faults).toEqual([]);
});

test("an adapter that ran fewer tests is a fault", () => {
  const junit = suite("Cache on memory", 4) + suite("Cache on Redis", 4, 1);

  expect(contractTable(junit, ["Cache"]).faults).toEqual([
    "the adapters of Cache ran different numbers of tests",
  ]);
});

test("a port whose suite ran nowhere is a fault; an adapter that was skipped is told", () => {
  const junit = suite("Cache on memory", 4) + suite("Cache on Redis", 4, 4);

  const { text, faults } = contractTable(junit, ["Cache", "Slots"]);

  expect(text).toContain("memory 4   Redis SKIPPED");
  expect(faults).toEqual(["the contract of Slots ran on no adapter"]);
});

test("the ports are those that have a contract file", () => {
  expect(contractPorts()).toEqual(expect.arrayContaining(["Store", "WechatLogin", "ContentCheck"]));
});
