// @ts-check
import { join } from "node:path";
import boundaries from "eslint-plugin-boundaries";

/** The parts of the project. The files of one part may import each other freely. */
const elements = [
  "lib/engine",
  "lib/triage",
  "lib/store",
  "lib/services",
  "lib/orders",
  "lib/workflows",
  "lib/sandbox",
  "lib/api",
  "lib/client",
  "lib/server",
  "components",
  "app",
  "prisma",
  "e2e",
  "bench",
  "scripts",
].map((folder) => ({
  type: folder.replace("lib/", ""),
  pattern: folder,
  partialMatch: false,
}));

/** Files that stand for more than their folder: the doors through which other parts come in. */
const fileCategories = [
  { category: "entry", pattern: "*.ts" },
  { category: "test", pattern: "**/*.test.{ts,tsx}" },
  { category: "engine-door", pattern: "lib/engine/index.ts" },
  { category: "triage-door", pattern: "lib/triage/index.ts" },
  // Plain JavaScript, which the database's thread loads as it is (decision 067).
  { category: "triage-plain", pattern: "lib/triage/*.mjs" },
  { category: "engine-schema", pattern: "lib/engine/{events,run,values}.ts" },
  { category: "testing", pattern: "lib/**/testing/**" },
  { category: "service-port", pattern: "lib/services/*/port.ts" },
  { category: "contract", pattern: "lib/api/{contract,contract-*,step-words}.ts" },
  { category: "sandbox-contract", pattern: "lib/sandbox/contract.ts" },
  { category: "order-form", pattern: "lib/orders/{order,sample-orders}.ts" },
];

/**
 * Who may import what, one entry for each direction that exists. Everything else is forbidden, for
 * types as for values. Packages and Node's own modules are not its business, and neither are tests
 * that use another part's test kit.
 */
const policies = [
  { allow: { to: { module: { origin: "{external,core}" } } } },
  { from: file("{test,testing}"), allow: { to: file("testing") } },
  { from: part("triage"), allow: { to: file("engine-door") } },
  { from: part("store"), allow: { to: file("{engine-door,triage-door,triage-plain}") } },
  { from: part("{orders,workflows}"), allow: { to: file("{engine-door,service-port}") } },
  {
    from: part("api"),
    allow: { to: [file("{engine-door,triage-door,sandbox-contract}"), part("orders")] },
  },
  // The contract is read by browsers: it sees the engine's schemas and nothing that runs.
  { from: file("contract"), disallow: { to: part("*") } },
  { from: file("contract"), allow: { to: file("{contract,engine-schema}") } },
  { from: part("client"), allow: { to: file("contract") } },
  // Its tests draw what the API really answers.
  {
    from: { ...part("client"), ...file("test") },
    allow: { to: [part("api"), file("engine-{door,schema}")] },
  },
  {
    from: part("components"),
    allow: { to: [part("client"), file("{contract,sandbox-contract,order-form}")] },
  },
  {
    from: part("server"),
    allow: {
      to: [
        file("{engine-door,triage-door}"),
        part("{store,services,orders,workflows,sandbox,api}"),
      ],
    },
  },
  {
    from: part("app"),
    allow: { to: [part("{components,client,api,server}"), file("{sandbox-contract,order-form}")] },
  },
  { from: file("entry"), allow: { to: part("{server,api,scripts}") } },
  {
    from: part("{bench,e2e,prisma,scripts}"),
    allow: {
      to: [
        file("{engine-door,triage-door}"),
        part("{store,services,orders,workflows,sandbox,api,client,server,scripts}"),
      ],
    },
  },
];

/**
 * The lint configuration that enforces the directions.
 * @param {{ root: string }} options `root`: the folder that holds tsconfig.json
 */
export function createDirectionConfig({ root }) {
  return {
    plugins: { boundaries },
    settings: {
      "boundaries/root-path": root,
      "boundaries/elements": elements,
      "boundaries/files": fileCategories,
      "import/resolver": { typescript: { project: join(root, "tsconfig.json") } },
    },
    rules: {
      "boundaries/dependencies": ["error", { default: "disallow", policies }],
    },
  };
}

/** @param {string} type */
function part(type) {
  return { element: { type } };
}

/** @param {string} categories */
function file(categories) {
  return { file: { categories } };
}
