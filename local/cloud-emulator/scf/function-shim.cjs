"use strict";
// The program of one function instance: plain Node, no build. It loads the deployed bundle as SCF's Node runtime
// does (583/11060: `exports.main_handler = (event, context, callback?)`) and serves one call at a time over IPC.
const path = require("node:path");
const { Worker } = require("node:worker_threads");

const [, , root, handler, answerBytesMax] = process.argv;
const [file, exportName] = handler.split(".");

// The parent holds stdin. When it closes, the parent is gone, even by kill -9: then this process and all that it
// started end. A thread watches, since a function in an endless loop reads nothing.
new Worker(
  `const { workerData } = require("node:worker_threads");
   const end = () => {
     try { process.kill(-workerData.pid, "SIGKILL"); } catch { process.kill(workerData.pid, "SIGKILL"); }
   };
   new (require("node:net").Socket)({ fd: 0 }).on("error", end).on("close", end).resume();`,
  { eval: true, workerData: { pid: process.pid }, env: {} },
).unref();

let main;
try {
  main = require(path.join(root, file))[exportName];
} catch (error) {
  process.send({ kind: "init-failed", status: 430, text: textOf(error) }, () => process.exit(1));
}
if (typeof main === "function") {
  process.on("message", (call) => void serve(call));
  process.send({ kind: "ready" });
} else if (process.connected) {
  const text = `the bundle exports no function ${exportName}`;
  process.send({ kind: "init-failed", status: 437, text }, () => process.exit(1));
}

async function serve(call) {
  try {
    const value = await run(JSON.parse(call.event), call.context);
    const answer = value === undefined ? "" : JSON.stringify(value);
    const bytes = Buffer.byteLength(answer);
    if (bytes > Number(answerBytesMax)) {
      reply(call, { status: 407, text: `the answer has ${bytes} bytes` });
    } else {
      reply(call, { status: 200, text: answer });
    }
  } catch (error) {
    reply(call, { status: 430, text: textOf(error) });
  }
}

function run(event, context) {
  if (main.length < 3) return main(event, context);
  return new Promise((resolve, reject) => {
    const callback = (error, value) => (error ? reject(error) : resolve(value));
    const returned = main(event, context, callback);
    if (returned !== undefined) resolve(returned);
  });
}

function reply(call, answer) {
  process.send({ kind: "answer", id: call.id, rssBytes: process.memoryUsage.rss(), ...answer });
}

function textOf(error) {
  return String(error instanceof Error ? error.stack : error).slice(0, 4000);
}
