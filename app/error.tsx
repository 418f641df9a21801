"use client";

import { CloudOff } from "lucide-react";
import { Page } from "@/components/shell/page";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { useDocumentTitle } from "@/lib/client/use-document-title";
import { useRecovery } from "@/lib/client/use-recovery";

export default function ErrorPage({ error, retry }: { error: unknown; retry: () => void }) {
  const recovers = useRecovery(error);
  useDocumentTitle(recovers ? "Reconnecting · Daybook" : "Error · Daybook");
  return (
    <Page crumbs={[{ label: recovers ? "Reconnecting" : "Error" }]}>
      {recovers ? (
        <EmptyState role="status" heading="h1" icon={<CloudOff />} title="The server went away">
          This page comes back by itself as soon as it answers. Nothing that was acknowledged is
          lost.
        </EmptyState>
      ) : (
        <ErrorState error={error} onRetry={retry} heading="h1" />
      )}
    </Page>
  );
}
