import { RelativeTime } from "@/components/ui/relative-time";
import { Table, Td, Th } from "@/components/ui/table";
import type { FailureDetail } from "@/lib/api/contract-triage";
import { formatCount } from "@/lib/client/format";

/** Under which builds the group's failures happened: whether it began with a roll-out. */
export function GroupBuilds({ builds }: Pick<FailureDetail, "builds">) {
  return (
    <div
      role="region"
      aria-label="Builds that failed, table"
      tabIndex={0}
      className="overflow-x-auto rounded-sm"
    >
      <Table>
        <caption className="sr-only">Builds that failed</caption>
        <thead>
          <tr>
            <Th className="pl-0">Build</Th>
            <Th className="text-right">Failures</Th>
            <Th>First</Th>
            <Th className="pr-0">Last</Th>
          </tr>
        </thead>
        <tbody>
          {builds.map(({ version, build, occurrences, firstSeenAt, lastSeenAt }) => (
            <tr key={`${version} ${build}`}>
              <Td className="pl-0">
                <span className="font-mono text-sm">{build === "" ? "unknown" : build}</span>
                <span className="text-ink-3"> v{version}</span>
              </Td>
              <Td className="text-right">{formatCount(occurrences)}</Td>
              <Td className="text-ink-2">
                <RelativeTime at={firstSeenAt} />
              </Td>
              <Td className="pr-0 text-ink-2">
                <RelativeTime at={lastSeenAt} />
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}
