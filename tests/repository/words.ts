import { readFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { identifiersOf } from "./identifiers.ts";

type LeftWord = { readonly words: string; readonly instead: string };

/** Words that this code once used in a sense of its own, and what the field says. */
const LEFT_WORDS: readonly LeftWord[] = [
  { words: "wish wishes wished", instead: "request, options, params or spec" },
  { words: "house houses", instead: "package, app, role or adapters" },
  { words: "lane lanes", instead: "function client" },
  { words: "roster rosters", instead: "process registry, heartbeat" },
  { words: "notice notices news", instead: "broadcast, notification" },
  { words: "slot slots", instead: "semaphore, permit" },
  { words: "book books", instead: "ledger, ledger audit" },
  { words: "freeze freezes", instead: "hold of an account" },
  { words: "door", instead: "terminal transition" },
  { words: "ask asks asked asking", instead: "paid call, request or query" },
  { words: "told tell tells teller", instead: "logged, published or reported" },
  { words: "fenced", instead: "claim" },
  { words: "place places", instead: "address, cursor, offset, claim, position, scope or path" },
  { words: "ill illness illnesses", instead: "failure" },
  { words: "neglect neglected", instead: "misconfiguration" },
  { words: "resting", instead: "open" },
  { words: "no-verdict", instead: "inconclusive result" },
  { words: "crash-point crash-points pass-safely", instead: "failpoint" },
  { words: "storm storms", instead: "load test" },
  { words: "gauge tally tallies", instead: "counter, stats" },
  { words: "pace paces", instead: "throughput" },
  { words: "gate gates", instead: "moderation" },
  { words: "doubt doubts", instead: "review label" },
  { words: "honest", instead: "commit error" },
  { words: "stand-in stand-ins twin twins loopback", instead: "emulator, in-memory adapter" },
  { words: "seller sellers buy buys bought buying", instead: "provider, generate" },
  { words: "standing", instead: "already created, fixed" },
  { words: "settling", instead: "pending change" },
];

type Exception = {
  readonly names: string;
  /** The files in which they may stand; all of them when absent. */
  readonly where?: RegExp;
  readonly why: string;
};

/** Names that stay though one of the words is in them. */
export const EXCEPTIONS: readonly Exception[] = [
  { names: "asks askedAt askLimitMs", why: "columns" },
  { names: "askedAtMs", why: "the column askedAt as a time" },
  { names: "doubt _doubt", why: "the field of stored step results" },
  { names: "slots", where: /^api\//, why: "the field of GET /api/v1/admin/stats" },
  { names: "tallies", why: "the field of GET /api/v1/admin/stats" },
  { names: "ALLOW_STAND_INS", why: "a variable of the environment" },
  {
    names:
      "isLoopback isLoopbackEndpoint isLoopbackHttp isOwnLoopback keepProxyOffLoopback listenOnLoopback loopback " +
      "LOOPBACK_HOSTS cloud/loopback-endpoint.ts",
    why: "the network's word for an address of this machine",
  },
  { names: "book", where: /^local\/preview\//, why: "a book in a drawn office" },
];

const INSTEAD: ReadonlyMap<string, string> = new Map(
  LEFT_WORDS.flatMap(({ words, instead }) => words.split(" ").map((word) => [word, instead])),
);

/** What is wrong in one file, one line each: its own name and the identifiers in it. */
export function leftWordsIn(path: string, source: string): string[] {
  const names = [path, ...new Set(identifiersOf(source))];
  return names.flatMap((name) => {
    const word = wordsOf(name).find((each) => INSTEAD.has(each));
    if (word === undefined || isException(name, path)) return [];
    return [`${path}: ${name === path ? "its name" : name} says "${word}": ${INSTEAD.get(word)}`];
  });
}

/** The words of a name, and each two that follow one another; a call "in doubt" is the field's own. */
function wordsOf(name: string): string[] {
  const parts = name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? [];
  const words = parts.map((part) => part.toLowerCase());
  const pairs = words.slice(1).map((word, at) => `${words[at]}-${word}`);
  const single = words.filter((word, at) => word !== "doubt" || words[at - 1] !== "in");
  return [...single, ...pairs];
}

function isException(name: string, path: string): boolean {
  return EXCEPTIONS.some(
    ({ names, where }) => names.split(" ").includes(name) && (where?.test(path) ?? true),
  );
}

/** Identifiers and file names only: in a sentence each of the words may be good English. */
function main(): number {
  const listed = spawnSync(
    "git",
    ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts"],
    { encoding: "utf8" },
  );
  const files = listed.stdout.split("\n").filter((path) => path !== "");
  const faults = files.flatMap((path) => leftWordsIn(path, readFileSync(path, "utf8")));
  for (const fault of faults) process.stdout.write(`❌ ${fault}\n`);
  return faults.length === 0 && files.length > 0 ? 0 : 1;
}

if (import.meta.main) process.exit(main());
