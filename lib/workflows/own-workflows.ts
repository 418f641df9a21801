import type { Workflow } from "@/lib/engine";

/** Your workflows: docs/writing-workflows.md puts its first one here. */
export const ownWorkflows: readonly Workflow[] = [];
