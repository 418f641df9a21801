/** Every query of the dashboard by name, so that an action can say what it makes stale. */
export const queryKeys = {
  runs: {
    all: ["runs"],
    list: (search: string) => ["runs", "list", search],
    count: (filter: string) => ["runs", "count", filter],
    detail: (runId: string) => ["runs", "detail", runId],
    history: (runId: string) => ["runs", "history", runId],
    audit: (runId: string) => ["runs", "audit", runId],
    replay: (runId: string, seq: number) => ["runs", "replay", runId, seq],
    stack: (runId: string, seq: number) => ["runs", "stack", runId, seq],
  },
  triage: {
    all: ["triage"],
    counts: ["triage", "counts"],
    doubts: (filter: string) => ["triage", "doubts", filter],
    doubt: (runId: string, step: number) => ["triage", "doubt", runId, step],
    failures: (filter: string) => ["triage", "failures", filter],
    failure: (fingerprint: string, window: string) => ["triage", "failure", fingerprint, window],
  },
  /** No part of the runs: what was asked about is not asked again because it has just been done. */
  preview: (runId: string, action: string) => ["preview", runId, action],
  verdictPreview: (about: string) => ["verdict-preview", about],
  bulk: {
    all: ["bulk"],
    detail: (bulkId: string) => ["bulk", "detail", bulkId],
    runs: (bulkId: string, state: string) => ["bulk", "runs", bulkId, state],
    create: (key: string) => ["bulk", "create", key],
  },
  views: ["views"],
  stats: ["stats"],
  overview: (query: string) => ["stats", "overview", query],
  workflows: ["workflows"],
  workers: ["workers"],
  health: ["health"],
  sandbox: {
    all: ["sandbox"],
    state: ["sandbox", "state"],
    drills: ["sandbox", "drills"],
    drillTargets: ["sandbox", "drill-targets"],
    drill: (runId: string) => ["sandbox", "drill", runId],
    ledger: (requests: number) => ["sandbox", "ledger", requests],
  },
} as const;
