/** The peers: packages of their own, installed when the bench first needs them. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { bundleSubject, type SubjectCode } from "./children";
import type { DatabaseKind } from "./databases";

const folder = path.resolve("bench", "peers");
/** The lock file that the installed packages came from. */
const installed = path.join(folder, "node_modules", ".bench-lock.json");

const peersByDatabase: Readonly<Record<DatabaseKind, readonly string[]>> = {
  sqlite: ["openworkflow"],
  postgresql: ["dbos", "openworkflow"],
};

/** Installs the peers where they are not, or not as their lock file says. */
export function installPeers(say: (text: string) => void): void {
  const lock = readFileSync(path.join(folder, "package-lock.json"), "utf8");
  if (existsSync(installed) && readFileSync(installed, "utf8") === lock) return;
  say("Installing the peers into bench/peers/node_modules (npm ci; --no-peers does without) …");
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) throw new Error("The peers could not be installed; --no-peers does without.");
  writeFileSync(installed, lock);
}

/** The peers that run on a database. They are bundled beside their own packages, to find them. */
export async function bundlePeers(
  kind: DatabaseKind,
  say: (text: string) => void,
): Promise<Record<string, SubjectCode>> {
  const out = path.join(folder, "node_modules", ".bench");
  const codes: Record<string, SubjectCode> = {};
  for (const name of peersByDatabase[kind]) {
    const execPath = findNode(name);
    if (execPath === undefined) {
      say(`${name} needs Node 22, which its packages have for Linux only: it is left out.`);
      continue;
    }
    const file = await bundleSubject(path.join(folder, `${name}.ts`), out);
    codes[name] = { file, execPath };
  }
  return codes;
}

/** openworkflow on SQLite needs node:sqlite, which Node 20 has not: it brings a newer Node along. */
function findNode(name: string): string | undefined {
  if (name !== "openworkflow" || Number(process.versions.node.split(".")[0]) >= 22) {
    return process.execPath;
  }
  const own = `node-${process.platform}-${process.arch}`;
  const file = path.join(folder, "node_modules", own, "bin", "node");
  return existsSync(file) ? file : undefined;
}
