import type { DeployedFunction } from "./deployed-function.ts";
import { known, reading, writing, type Action } from "./management-action.ts";
import {
  aliasSchema,
  publishSchema,
  putAliasSchema,
  versionsSchema,
} from "./management-parameters.ts";
import { ScfError } from "./scf-error.ts";

/** Numbered versions, which never change, and the aliases that point to them. */
export const versionActions: Readonly<Record<string, Action>> = {
  PublishVersion: writing(publishSchema, async (deps, input) => {
    const fn = await known(deps, input);
    if (fn.pending.state !== "Active" || fn.latest === null) {
      const text = `${fn.name} is ${fn.pending.state}: no version can be published.`;
      throw new ScfError("FailedOperation.PublishVersion", text);
    }
    const { number, description, revision } = fn.publish(input.Description ?? "", deps.now());
    return {
      FunctionVersion: number,
      Description: description,
      CodeSize: revision.facts.codeBytes,
      MemorySize: revision.fn.memoryMb,
      Timeout: Math.ceil(revision.fn.timeoutMs / 1000),
      Handler: revision.facts.handler,
      Runtime: revision.facts.runtime,
      Namespace: deps.namespace,
    };
  }),
  ListVersionByFunction: reading(versionsSchema, async (deps, input) => {
    const fn = await known(deps, input);
    const all = [...fn.versions.values()].map((version) => ({
      Version: version.number,
      Description: version.description,
      AddTime: new Date(version.addedAtMs).toISOString(),
      Status: version.pending.state,
    }));
    if (input.Order === "DESC") all.reverse();
    const Versions = all.slice(input.Offset, input.Offset + input.Limit);
    const FunctionVersion = Versions.map(({ Version }) => Version);
    return { FunctionVersion, Versions, TotalCount: all.length };
  }),
  CreateAlias: writing(putAliasSchema, async (deps, input) => {
    const fn = await known(deps, input);
    if (fn.aliases.has(input.Name)) {
      throw new ScfError("ResourceInUse.Alias", `The alias ${input.Name} exists already.`);
    }
    return pointAlias(fn, input);
  }),
  UpdateAlias: writing(putAliasSchema, async (deps, input) => {
    const fn = await known(deps, input);
    aliasOf(fn, input.Name);
    return pointAlias(fn, input);
  }),
  GetAlias: reading(aliasSchema, async (deps, input) => {
    const fn = await known(deps, input);
    const { version, description } = aliasOf(fn, input.Name);
    return { Name: input.Name, FunctionVersion: version, Description: description };
  }),
};

function aliasOf(fn: DeployedFunction, name: string) {
  const alias = fn.aliases.get(name);
  if (alias === undefined) {
    throw new ScfError("ResourceNotFound.Alias", `${fn.name} has no alias ${name}.`);
  }
  return alias;
}

type AliasSpec = {
  readonly Name: string;
  readonly FunctionVersion: string;
  readonly Description?: string | undefined;
};

function pointAlias(fn: DeployedFunction, spec: AliasSpec): Record<string, never> {
  const { Name, FunctionVersion: version, Description: description = "" } = spec;
  const target = fn.versions.get(version);
  if (version !== "$LATEST" && target === undefined) {
    throw new ScfError("ResourceNotFound.FunctionVersion", `${fn.name} has no version ${version}.`);
  }
  if (target !== undefined && target.pending.state !== "Active") {
    const text = `Version ${version} is ${target.pending.state}.`;
    throw new ScfError("FailedOperation.FunctionVersionStatusNotActive", text);
  }
  fn.aliases.set(Name, { version, description });
  return {};
}
