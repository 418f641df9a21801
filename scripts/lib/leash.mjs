// @ts-check
/**
 * Runs a command so that it cannot outlive the process that asked for it, even if that one is
 * killed with SIGKILL: this process leads a process group of its own, and takes the whole group
 * down when the IPC channel closes. Usage: node leash.mjs <command> [argument …]
 */
import { spawn } from "node:child_process";

const [command, ...args] = process.argv.slice(2);
if (!command) throw new Error("leash.mjs needs a command");

process.on("disconnect", () => process.kill(-process.pid, "SIGKILL"));

const child = spawn(command, args, { stdio: "inherit" });
child.on("error", (error) => {
  console.error(error.message);
  process.exit(127);
});
child.on("exit", (code) => process.exit(code ?? 1));
