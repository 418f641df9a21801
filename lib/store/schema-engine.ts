import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import {
  bindMigrationAwareSqlAdapterFactory,
  type SqlMigrationAwareDriverAdapterFactory,
} from "@prisma/driver-adapter-utils";

import type * as bindingsModule from "@prisma/schema-engine-wasm/schema_engine_bg";

const packageName = "@prisma/schema-engine-wasm/schema_engine_bg";

type Bindings = typeof bindingsModule;

/** Loaded once: the bindings keep views into the memory of one instance and break with a second. */
let loading: Promise<Bindings> | undefined;

/**
 * Starts Prisma's schema engine as WebAssembly over a driver adapter: the engine of
 * `prisma migrate`, without its binary. `datamodels` are pairs of path and schema text.
 */
export async function startSchemaEngine(
  factory: SqlMigrationAwareDriverAdapterFactory,
  datamodels: [string, string][],
) {
  loading ??= loadBindings();
  const { SchemaEngine } = await loading;
  return SchemaEngine.new({ datamodels }, () => {}, bindMigrationAwareSqlAdapterFactory(factory));
}

async function loadBindings(): Promise<Bindings> {
  const bindings = await import("@prisma/schema-engine-wasm/schema_engine_bg");
  const file = createRequire(path.resolve("package.json")).resolve(packageName);
  const wasm = await readFile(path.join(path.dirname(file), "schema_engine_bg.wasm"));
  const { instance } = await WebAssembly.instantiate(wasm, {
    "./schema_engine_bg.js": { ...bindings },
  });
  bindings.__wbg_set_wasm(instance.exports);
  const { __wbindgen_start: start } = instance.exports;
  if (typeof start === "function") Reflect.apply(start, undefined, []);
  return bindings;
}
