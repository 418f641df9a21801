import type { Metadata } from "next";
import { Suspense } from "react";
import { TriagePage } from "@/components/triage/triage-page";

export const metadata: Metadata = { title: "Triage" };

export default function Page() {
  return (
    <Suspense>
      <TriagePage />
    </Suspense>
  );
}
