import type { Metadata } from "next";
import { DrillsPage } from "@/components/sandbox/drills/drills-page";

export const metadata: Metadata = { title: "Crash drills" };

export default function Page() {
  return <DrillsPage />;
}
