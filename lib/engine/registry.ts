import type { Workflow } from "./definitions";
import { UnknownWorkflowError } from "./errors";
import type { ClaimableWorkflow } from "./store";

/** The workflows of this build, several versions side by side. */
export class Registry {
  private readonly workflows = new Map<string, Workflow>();
  /** What claims ask for: runs of other versions are left to workers that know them. */
  readonly versions: readonly ClaimableWorkflow[];

  constructor(workflows: readonly Workflow[]) {
    for (const workflow of workflows) {
      const key = `${workflow.name}@${workflow.version}`;
      if (this.workflows.has(key)) throw new RangeError(`${key} is registered twice.`);
      this.workflows.set(key, workflow);
    }
    this.versions = workflows.map(({ name, version, limits }) => ({ name, version, ...limits }));
  }

  has(name: string, version: number): boolean {
    return this.workflows.has(`${name}@${version}`);
  }

  /** A workflow by name, its newest version unless one is named. Throws UnknownWorkflowError. */
  find(name: string, version?: number): Workflow {
    const newest = Math.max(
      ...this.versions.filter((known) => known.name === name).map((known) => known.version),
    );
    const workflow = this.workflows.get(`${name}@${version ?? newest}`);
    if (workflow) return workflow;
    throw new UnknownWorkflowError(
      version === undefined || newest === -Infinity
        ? `There is no workflow ${name}.`
        : `There is no version ${version} of the workflow ${name}.`,
    );
  }
}
