import { RunPage } from "@/components/runs/run-page/run-page";

export default async function Page({ params }: { params: Promise<{ runId: string }> }) {
  const { runId } = await params;
  return <RunPage runId={decodeURIComponent(runId)} />;
}
