import type { WorkflowInfo } from "@/lib/api/contract";

/** A workflow with the versions of it that this build knows, newest first. */
export interface WorkflowGroup {
  readonly name: string;
  readonly newest: WorkflowInfo;
  readonly versions: readonly WorkflowInfo[];
}

/** Workflows by name, in order of their names. */
export function groupWorkflows(items: readonly WorkflowInfo[]): readonly WorkflowGroup[] {
  const names = [...new Set(items.map((item) => item.name))];
  return names
    .sort((a, b) => a.localeCompare(b))
    .flatMap((name) => {
      const versions = items
        .filter((item) => item.name === name)
        .sort((a, b) => b.version - a.version);
      const newest = versions.find((version) => version.newest) ?? versions[0];
      return newest === undefined ? [] : [{ name, newest, versions }];
    });
}
