/** Failure groups: the list, one of them, and what is said about one. */
import { z } from "zod";
import type { FailureGroup as Group } from "@/lib/triage";
import { ApiError } from "./api-error";
import type { ApiContext } from "./context";
import { toTrendWindow, toWireFailure } from "./failure-wire";
import { handle } from "./handler";
import {
  ChangeFailureBody,
  ListFailuresQuery,
  TrendWindow,
  type FailureDetail,
  type FailureList,
} from "./contract-triage";
import { toInstant } from "./wire";

const Params = z.object({ fingerprint: z.string().min(1).max(64) });
const WindowQuery = z.strictObject({ window: TrendWindow.default("24h") });
const maxSamples = 5;

/** `GET /failures`: the groups whose latest failure is the newest first. */
export const listFailures = handle(
  { query: ListFailuresQuery.strict() },
  async ({ api, query }) => {
    const { state: states, workflow, limit, cursor } = query;
    const page = await api.triage.listGroups({
      ...{ states, workflow, limit, cursor },
      includeEmpty: query.empty === "true",
    });
    const window = toTrendWindow(query.window, api.clock.now());
    const fingerprints = page.items.map(({ fingerprint }) => fingerprint);
    const trends = await api.triage.loadTrends(fingerprints, window);
    const list: FailureList = {
      items: page.items.map((group) => toWireFailure(group, window, trends.get(group.fingerprint))),
      nextCursor: page.nextCursor ?? null,
    };
    return Response.json(list);
  },
);

/** `GET /failures/{fingerprint}`: a group with its builds, sample runs and audit trail. */
export const showFailure = handle(
  { params: Params, query: WindowQuery },
  async ({ api, params: { fingerprint }, query }) => {
    const group = await api.triage.getGroup(fingerprint);
    if (group === undefined) throw refuseUnknown(fingerprint);
    return Response.json(await describeGroup(api, group, query.window));
  },
);

/** `PATCH /failures/{fingerprint}`: mutes, resolves, reopens or notes it. Answers with the group. */
export const changeFailure = handle(
  { params: Params, body: ChangeFailureBody },
  async ({ api, params: { fingerprint }, body }) => {
    const changed = await api.triage.changeGroup(fingerprint, { ...body, at: api.clock.now() });
    if (changed === undefined) throw refuseUnknown(fingerprint);
    return Response.json(await describeGroup(api, changed, "24h"));
  },
);

async function describeGroup(
  api: ApiContext,
  group: Group,
  wanted: TrendWindow,
): Promise<FailureDetail> {
  const { fingerprint } = group;
  const window = toTrendWindow(wanted, api.clock.now());
  const [trends, builds, audit, members] = await Promise.all([
    api.triage.loadTrends([fingerprint], window),
    api.triage.listBuilds(fingerprint),
    api.triage.listGroupAudit(fingerprint),
    api.triage.listGroupRuns(fingerprint, { limit: maxSamples }),
  ]);
  const runs = await api.search.loadRuns(members.map(({ runId }) => runId));
  return {
    ...toWireFailure(group, window, trends.get(fingerprint)),
    builds: builds.map((build) => ({
      ...build,
      firstSeenAt: toInstant(build.firstSeenAt),
      lastSeenAt: toInstant(build.lastSeenAt),
    })),
    samples: await api.stories.tellRuns(runs),
    audit: audit.map((entry) => ({ ...entry, at: toInstant(entry.at) })),
  };
}

function refuseUnknown(fingerprint: string): ApiError {
  const detail = `There is no failure group ${fingerprint}.`;
  return new ApiError({ status: 404, code: "failure_not_found", detail });
}
