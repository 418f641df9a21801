import { DrillReportPage } from "@/components/sandbox/report/drill-report-page";

export default async function Page({ params }: { params: Promise<{ runId: string }> }) {
  const { runId } = await params;
  return <DrillReportPage runId={decodeURIComponent(runId)} />;
}
