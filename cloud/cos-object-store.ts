import type COS from "cos-nodejs-sdk-v5";
import type { ObjectFacts, ObjectStore } from "../core/ports/cloud.ts";
import { createCosAddresses } from "./cos-addresses.ts";
import { createCosRunner, type CosClientConfig } from "./cos-client.ts";
import {
  checkIsStores,
  isEmptyObject,
  isMissingObject,
  storageFailure,
  type StorageAct,
} from "./cos-errors.ts";
import { signedGetUrl, signedUploadForm } from "./cos-signed-access.ts";

export type CosObjectStoreConfig = CosClientConfig & {
  readonly region: string;
  /** With its APPID: "drape-1250000000". */
  readonly bucket: string;
};

/**
 * Objects in one COS bucket over the official SDK; URLs and forms are signed here, with no request.
 * Throws when `endpoint` is not this machine.
 */
export function createCosObjectStore(config: CosObjectStoreConfig): ObjectStore {
  const { bucket: Bucket, region: Region } = config;
  const addresses = createCosAddresses(config);
  const run = createCosRunner(config);
  const act = (verb: StorageAct["verb"], key: string): StorageAct => ({
    verb,
    key,
    bucket: Bucket,
    region: Region,
  });

  return {
    async put(Key, body, ContentType) {
      const Body = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
      let taskId = "";
      const onTaskReady = (id: string): void => {
        taskId = id;
      };
      await run(act("written", Key), async (cos, gaveUp) => {
        // An upload that is given up must not go on and write the object later: the SDK would try again.
        gaveUp(() => cos.cancelTask(taskId));
        const written = await cos.putObject({
          Bucket,
          Region,
          Key,
          Body,
          ContentType,
          onTaskReady,
        });
        checkIsStores(written.headers, act("written", Key));
        if (!written.ETag) throw storageFailure(act("written", Key), "The answer has no ETag.");
      });
    },
    async get(Key, maxBytes) {
      const reading = act("read", Key);
      return await run(reading, async (cos) => {
        try {
          // The range keeps a larger object from being read at all; its answer tells the whole size.
          const Range = `bytes=0-${maxBytes - 1}`;
          const answer = await cos.getObject({ Bucket, Region, Key, Range });
          checkIsStores(answer.headers, reading);
          return wholeBody(answer, reading, maxBytes);
        } catch (error) {
          return isEmptyObject(error) ? new Uint8Array() : nullWhenMissing(error);
        }
      });
    },
    head: (Key) =>
      run(act("looked up", Key), async (cos) => {
        const answer = await cos.headObject({ Bucket, Region, Key }).catch(nullWhenMissing);
        if (answer === null) return null;
        checkIsStores(answer.headers, act("looked up", Key));
        return factsOf(answer);
      }),
    async delete(Key) {
      await run(act("deleted", Key), async (cos) => {
        const answer = await cos.deleteObject({ Bucket, Region, Key }).catch(nullWhenMissing);
        if (answer !== null) checkIsStores(answer.headers, act("deleted", Key));
      });
    },
    signedGetUrl: (key, nowMs) => signedGetUrl(config, addresses, { key, nowMs }),
    signedUploadForm: (rules, nowMs) => signedUploadForm(config, addresses, { rules, nowMs }),
    objectUrl: (key) => addresses.objectUrl(key),
    keyOfUrl: (url) => addresses.keyOfUrl(url),
  };
}

function nullWhenMissing(error: unknown): null {
  if (isMissingObject(error)) return null;
  throw error;
}

function wholeBody(answer: COS.GetObjectResult, act: StorageAct, maxBytes: number): Uint8Array {
  const total = Number(/\/(\d+)$/.exec(String(answer.headers?.["content-range"]))?.[1]);
  if (total > maxBytes) {
    throw storageFailure(act, `The object has ${total} bytes, more than the ${maxBytes} allowed.`);
  }
  const body = answer.Body;
  // A connection that closes early must not pass for a short object.
  if (body.byteLength !== total) {
    throw storageFailure(act, `${body.byteLength} of ${total} bytes came.`);
  }
  return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
}

function factsOf({ headers }: COS.HeadObjectResult): ObjectFacts {
  const header = (name: string): string => String(headers?.[name] ?? "");
  return {
    bytes: Number(header("content-length")),
    contentType: header("content-type"),
    etag: header("etag"),
  };
}
