import { z } from "zod";
import {
  API,
  CLOUD,
  configKey,
  hint,
  NEEDS_CLOUD,
  placeholder,
  PROCESSES,
  set,
  WORKER,
  type Command,
} from "./config-key.ts";

const hostPort = z.string().regex(/^[\w.-]+:\d{1,5}$/, "must be host:port");
const DEPLOY: readonly Command[] = ["deploy:scf"];
const FUNCTIONS: readonly Command[] = [...PROCESSES, "deploy:scf", "test:scf"];

export const CLOUD_KEYS = {
  TENCENTCLOUD_SECRET_ID: configKey({
    schema: z.string().min(1).optional(),
    doc: "",
    sample: placeholder,
    commands: CLOUD,
    requiredBy: NEEDS_CLOUD,
    requiredInProduction: true,
    to: "the SDKs of SCF, COS and the content check",
  }),
  TENCENTCLOUD_SECRET_KEY: configKey({
    schema: z.string().min(1).optional(),
    doc: "",
    sample: placeholder,
    commands: CLOUD,
    requiredBy: NEEDS_CLOUD,
    requiredInProduction: true,
    to: "the SDKs of SCF, COS and the content check",
  }),
  TENCENTCLOUD_REGION: configKey({
    schema: z.string().min(1).default("ap-guangzhou"),
    doc: "",
    sample: set("ap-guangzhou"),
    commands: CLOUD,
    to: "the SDKs of SCF, COS and the content check",
  }),
  COS_BUCKET: configKey({
    schema: z
      .string()
      .regex(/^[a-z0-9-]+-\d+$/, 'needs its APPID: "name-1250000000"')
      .optional(),
    doc: "The bucket with its APPID: name-1250000000. Private.",
    sample: placeholder,
    commands: CLOUD,
    requiredBy: NEEDS_CLOUD,
    requiredInProduction: true,
    to: "the object store",
  }),
  SCF_NAMESPACE: configKey({
    schema: z.string().default("default"),
    doc: "The namespace that the three functions are deployed to.",
    sample: set("default"),
    commands: FUNCTIONS,
    to: "every call of a function",
  }),
  SCF_QUALIFIER: configKey({
    schema: z
      .string()
      .regex(/^(\$LATEST|\$DEFAULT|\d{1,9}|[a-zA-Z][\w-]{0,63})$/, "must be an alias or a version")
      .default("live"),
    doc: "The alias of theirs that is invoked; npm run deploy:scf moves it to what it has tried out. $LATEST runs unpublished code.",
    sample: set("live"),
    commands: FUNCTIONS,
    to: "every call of a function",
  }),
};

/** Read by the deployment alone, which checks them itself: here they are documented and told from a placeholder. */
export const DEPLOY_KEYS = {
  SCF_ROLE: configKey({
    schema: z.string().optional(),
    doc: "A role that may read and write the bucket, carried by SCF. Left out, the functions get the keys above.",
    sample: hint("drape-functions"),
    commands: DEPLOY,
    to: "each function's role",
  }),
  SCF_RESERVE_MEMORY: configKey({
    schema: z.string().optional(),
    doc: "true: each function has its memory times its calls in flight reserved (114,688 MB in all; a region has 128,000).",
    sample: hint("true"),
    commands: DEPLOY,
    to: "each function's reserved memory",
  }),
  SCF_IMAGE_LIBRARY: configKey({
    schema: z.string().optional(),
    doc: "native (glibc 2.28 or later) or wasm: --image-library",
    sample: hint("native"),
    commands: DEPLOY,
    to: "the packages that are uploaded",
  }),
  DEPLOY_SECRET_ID: configKey({
    schema: z.string().optional(),
    doc: "Who deploys, when that is another key: give both to the command, not to this file.",
    sample: hint(""),
    commands: DEPLOY,
    to: "the deployment's SDKs",
  }),
  DEPLOY_SECRET_KEY: configKey({
    schema: z.string().optional(),
    doc: "",
    sample: hint(""),
    commands: DEPLOY,
    to: "the deployment's SDKs",
  }),
};

/** For development and trials; refused in production. */
export const EMULATOR_KEYS = {
  IMAGE_SOURCE_ALLOW: configKey({
    schema: z.string().default(""),
    doc: "Plain http photo servers that may be read, by host:port and with commas between them.",
    sample: hint("127.0.0.1:8080"),
    commands: [...API, "deploy:scf"],
    to: "the API's check of addresses, the function that imports photos",
  }),
  SCF_ENDPOINT: configKey({
    schema: hostPort.optional(),
    doc: "An emulated cloud in place of Tencent's.",
    sample: hint("127.0.0.1:9001"),
    commands: FUNCTIONS,
    to: "the SDK of SCF",
  }),
  COS_ENDPOINT: configKey({
    schema: hostPort.optional(),
    doc: "",
    sample: hint("127.0.0.1:9002"),
    commands: CLOUD,
    to: "the SDK of COS",
  }),
  CONTENT_CHECK_ENDPOINT: configKey({
    schema: hostPort.optional(),
    doc: "",
    sample: hint("127.0.0.1:9003"),
    commands: WORKER,
    to: "the content check",
  }),
  ALLOW_STAND_INS: configKey({
    schema: z.enum(["true", "false"]).default("false"),
    doc: "true allows the three endpoints above, and a WECHAT_BASE_URL without TLS, in production all the same: for trials.",
    sample: hint("false"),
    commands: [...PROCESSES, "deploy:scf", "test:scf", "ledger:verify --objects"],
    to: "what production refuses",
  }),
};
