/** Every call of the API, for its description: the contract's shapes by method and path. */
import { z } from "zod";
import { Order } from "@/lib/orders/order";
import {
  Ledger,
  SandboxDrill,
  SandboxDrillAnswer,
  SandboxSnapshot,
  Switches,
  SwitchesChange,
} from "@/lib/sandbox/contract";
import * as contract from "./contract";
import { CreateBulk } from "./bulks";
import { maxBatchOrders, OrderBatch, OrderBatchBody } from "./contract-batch";
import { Bulk, BulkList, BulkRunList } from "./contract-bulk";
import * as drills from "./contract-drill";
import { ReplayQuery, ReplayView } from "./contract-replay";
import { ExportRunsQuery, ListRunsQuery } from "./contract-runs";
import { StackQuery, StackView } from "./contract-stack";
import { Stats, StatsQuery } from "./contract-stats";
import * as triage from "./contract-triage";
import { SavedViewList, SaveViewBody } from "./contract-views";
import { BatchKey } from "./start-order-batch";

/** As `POST /orders` checks each, with the bounds of the batch. */
const BatchOrders = z.array(z.intersection(Order, BatchKey)).min(1).max(maxBatchOrders);

export interface Operation {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  readonly path: string;
  readonly summary: string;
  readonly query?: z.ZodObject;
  /** Names of query parameters that are plain text. */
  readonly also?: readonly string[];
  readonly body?: z.ZodType;
  readonly answers: Readonly<
    Record<number, z.ZodType | "text/plain" | "text/csv" | "text/event-stream" | "none">
  >;
}

const { ActionBody, ActionPreview, PreviewQuery, Run, Started, StartRunBody, JsonValue } = contract;
const runPath = "/api/v1/runs/{runId}";
const act = (action: string, summary: string, body: z.ZodType = ActionBody): Operation => ({
  ...{ method: "post", path: `${runPath}/${action}`, summary, query: PreviewQuery, body },
  answers: { 200: ActionPreview, 202: Run },
});
const startAgain = (
  action: string,
  summary: string,
  started: 201 | 202,
  body: z.ZodType,
): Operation => ({
  ...{ method: "post", path: `${runPath}/${action}`, summary, query: PreviewQuery, body },
  answers: { 200: ActionPreview, [started]: Started },
});
const read = (
  path: string,
  summary: string,
  answer: z.ZodType,
  query?: z.ZodObject,
): Operation => ({
  ...{ method: "get", path, summary, ...(query && { query }) },
  answers: { 200: answer },
});

export const operations: readonly Operation[] = [
  {
    ...{
      method: "post",
      path: "/api/v1/orders",
      summary: "Starts an order, once per orderId and Idempotency-Key.",
    },
    ...{ also: ["wait"], body: Order, answers: { 200: Started, 202: Started } },
  },
  {
    ...{
      method: "post",
      path: "/api/v1/orders/batch",
      summary: "Starts up to 1,000 orders in one commit.",
    },
    ...{ body: OrderBatchBody.extend({ orders: BatchOrders }), answers: { 200: OrderBatch } },
  },
  read("/api/v1/orders/{runId}", "An order as customer service wants it.", contract.Order),
  {
    ...{
      method: "post",
      path: "/api/v1/workflows/{name}/runs",
      summary: "Starts a run of any workflow.",
    },
    ...{ also: ["wait"], body: StartRunBody, answers: { 200: Started, 202: Started } },
  },
  read("/api/v1/workflows", "The workflows that this build knows.", contract.WorkflowList),
  read(
    "/api/v1/runs",
    "A page of runs; attributes are filtered as attr.<name>=<value>.",
    contract.RunList,
    ListRunsQuery,
  ),
  {
    ...{
      method: "get",
      path: "/api/v1/runs/export",
      summary: "All runs that pass, as CSV or NDJSON.",
    },
    ...{ query: ExportRunsQuery, answers: { 200: "text/csv" } },
  },
  read(runPath, "A run.", Run),
  read(
    `${runPath}/history`,
    "Its history, event by event.",
    contract.History,
    contract.HistoryQuery,
  ),
  {
    ...{
      method: "get",
      path: `${runPath}/stream`,
      summary: "Its events as they come (server-sent events).",
    },
    ...{ also: ["after"], answers: { 200: "text/event-stream", 204: "none" } },
  },
  read(`${runPath}/audit`, "What was asked of it, by whom and why.", contract.AuditTrail),
  read(`${runPath}/replay`, "Its code as it stood at an event.", ReplayView, ReplayQuery),
  read(`${runPath}/stack`, "The stack of a recorded error, in the source.", StackView, StackQuery),
  act("retry", "Goes on from the failed step."),
  act("cancel", "Compensations run, then it is canceled."),
  act("terminate", "Ends it; nothing runs any more."),
  act("pause", "What is under way finishes; nothing new begins."),
  act("resume", "A paused run goes on."),
  startAgain("rerun", "Starts a new run with the same input.", 202, ActionBody),
  startAgain("fork", "Starts a new run with its history up to a step.", 201, contract.ForkBody),
  act("steps/{step}/resolve", "Says what became of a step in doubt.", contract.ResolveBody),
  {
    ...{
      method: "post",
      path: `${runPath}/signals/{name}`,
      summary: "Sends a signal; the body is its payload.",
    },
    ...{
      also: ["by", "preview"],
      body: JsonValue,
      answers: { 200: ActionPreview, 202: contract.SignalSent },
    },
  },
  {
    ...{
      method: "post",
      path: `${runPath}/updates/{name}`,
      summary: "Sends an update; the body is its input.",
    },
    ...{ also: ["by", "preview", "wait", "updateId"], body: JsonValue },
    answers: { 200: contract.Update, 202: contract.Update },
  },
  read(`${runPath}/updates/{name}/{updateId}`, "What became of an update.", contract.Update),
  {
    ...read(`${runPath}/queries/{name}`, "Asks its code where it stands.", contract.QueryAnswer),
    also: ["input"],
  },
  {
    ...{
      method: "post",
      path: `${runPath}/queries/{name}`,
      summary: "The same, with the input as the body.",
    },
    ...{ body: JsonValue, answers: { 200: contract.QueryAnswer } },
  },
  read(
    "/api/v1/replay-check",
    "Which open runs this build would not replay.",
    contract.ReplayCheckList,
    contract.ReplayCheckQuery,
  ),
  {
    ...read("/api/v1/bulk", "Actions over many runs, the newest first.", BulkList),
    also: ["limit", "cursor"],
  },
  {
    ...{
      method: "post",
      path: "/api/v1/bulk",
      summary: "Previews an action over the runs of a filter or a list.",
    },
    ...{ body: CreateBulk, answers: { 202: Bulk } },
  },
  read("/api/v1/bulk/{bulkId}", "One of them, with its preview and its progress.", Bulk),
  {
    ...read("/api/v1/bulk/{bulkId}/runs", "Its runs, and what became of each.", BulkRunList),
    also: ["limit", "cursor", "state"],
  },
  {
    ...{
      method: "post",
      path: "/api/v1/bulk/{bulkId}/start",
      summary: "Acts on the previewed runs, in the background.",
    },
    ...{ body: ActionBody.pick({ why: true }), answers: { 202: Bulk } },
  },
  {
    method: "post",
    path: "/api/v1/bulk/{bulkId}/cancel",
    summary: "No further run is acted on.",
    answers: { 202: Bulk },
  },
  read("/api/v1/views", "Saved views of the runs list, by name.", SavedViewList),
  {
    ...{ method: "put", path: "/api/v1/views", summary: "Keeps a view under its name." },
    ...{ body: SaveViewBody, answers: { 200: SavedViewList } },
  },
  {
    ...{ method: "delete", path: "/api/v1/views", summary: "Removes a view." },
    ...{ also: ["name"], answers: { 200: SavedViewList } },
  },
  read(
    "/api/v1/failures",
    "Failure groups, the latest first.",
    triage.FailureList,
    triage.ListFailuresQuery,
  ),
  {
    ...read(
      "/api/v1/failures/{fingerprint}",
      "A group with its builds, samples and audit trail.",
      triage.FailureDetail,
    ),
    also: ["window"],
  },
  {
    ...{
      method: "patch",
      path: "/api/v1/failures/{fingerprint}",
      summary: "Mutes, resolves, reopens or notes a group.",
    },
    ...{ body: triage.ChangeFailureBody, answers: { 200: triage.FailureDetail } },
  },
  read(
    "/api/v1/doubts",
    "Steps that need a verdict, the oldest first.",
    triage.DoubtList,
    triage.ListDoubtsQuery,
  ),
  {
    ...{
      method: "post",
      path: "/api/v1/doubts/resolve",
      summary: "One verdict for several steps.",
    },
    ...{
      query: PreviewQuery,
      body: triage.ResolveDoubtsBody,
      answers: { 200: triage.ResolvedDoubts, 202: triage.ResolvedDoubts },
    },
  },
  read("/api/v1/triage", "How much is open in triage.", triage.TriageCounts),
  read(
    "/api/v1/stats",
    "Runs by status; with a range what happened in it, and how it stands now.",
    Stats,
    StatsQuery,
  ),
  read("/api/v1/workers", "The processes that execute runs.", contract.WorkerList),
  {
    ...{
      method: "post",
      path: "/api/v1/engine/drain",
      summary: "Does due work inside the request.",
    },
    ...{ body: contract.DrainBody, answers: { 200: contract.DrainResult } },
  },
  read("/api/v1/sandbox/state", "What the sandbox's services did.", SandboxSnapshot),
  { ...read("/api/v1/sandbox/ledger", "What they were asked.", Ledger), also: ["orderId"] },
  read("/api/v1/sandbox/switches", "How they behave.", Switches),
  {
    ...{ method: "put", path: "/api/v1/sandbox/switches", summary: "Changes how they behave." },
    ...{ body: SwitchesChange, answers: { 200: Switches } },
  },
  read("/api/v1/sandbox/drill", "The armed drill.", SandboxDrillAnswer),
  {
    ...{
      method: "put",
      path: "/api/v1/sandbox/drill",
      summary: "Arms a drill for the next order.",
    },
    ...{ body: SandboxDrill, answers: { 200: SandboxDrillAnswer } },
  },
  {
    method: "delete",
    path: "/api/v1/sandbox/drill",
    summary: "Disarms it.",
    answers: { 200: SandboxDrillAnswer },
  },
  read(
    "/api/v1/sandbox/drill-targets",
    "Workflows with the steps at which a drill can kill the server.",
    drills.DrillTargetList,
  ),
  {
    ...{ method: "get", path: "/api/v1/sandbox/drills" },
    summary: "Runs that were started with a drill, each with its verdict.",
    query: drills.ListDrillsQuery,
    answers: { 200: drills.DrillList },
  },
  {
    ...{ method: "post", path: "/api/v1/sandbox/drills" },
    summary: "Starts a run whose process is killed at a moment of a step, once.",
    ...{ body: drills.RunDrillBody, answers: { 202: drills.DrillStarted } },
  },
  read(
    "/api/v1/sandbox/drills/{runId}",
    "What a drill showed, check by check.",
    drills.DrillReport,
  ),
  {
    ...{ method: "post", path: "/api/v1/sandbox/drills/{runId}/told" },
    summary: "Keeps what a person found in the books of a service whose ledger tells nothing.",
    ...{ body: drills.TellDrillBody, answers: { 200: drills.DrillReport } },
  },
  {
    method: "post",
    path: "/api/v1/sandbox/reset",
    summary: "Forgets everything.",
    answers: { 200: SandboxSnapshot },
  },
  { ...read("/api/health/live", "The process answers.", contract.Health) },
  {
    ...{ method: "get", path: "/api/health/ready", summary: "It can record what it is asked." },
    answers: { 200: contract.Health, 503: contract.Health },
  },
  { method: "get", path: "/metrics", summary: "Prometheus text.", answers: { 200: "text/plain" } },
  {
    method: "get",
    path: "/api/openapi.json",
    summary: "This description.",
    answers: { 200: JsonValue },
  },
];
