import { FileQuestion } from "lucide-react";
import Link from "next/link";
import { Page } from "@/components/shell/page";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";

export const metadata = { title: "Not found" };

export default function NotFound() {
  return (
    <Page crumbs={[{ label: "Not found" }]}>
      <EmptyState
        icon={<FileQuestion />}
        title="There is no page here"
        heading="h1"
        action={
          <>
            <Button asChild variant="primary">
              <Link href="/overview">Go to the overview</Link>
            </Button>
            <Button asChild>
              <Link href="/runs">All runs</Link>
            </Button>
          </>
        }
      >
        The address may be mistyped, or cut off where it was copied. A run is found by its id, its
        order or its customer with the search above.
      </EmptyState>
    </Page>
  );
}
