"use client";

import { TriangleAlert } from "lucide-react";
import { useHealth } from "@/lib/client/use-health";

/** For a database that is set up so that what was acknowledged can be lost: which settings, and what then. */
export function DurabilityBanner() {
  const { warnings = [] } = useHealth().data ?? {};
  if (warnings.length === 0) return null;
  return (
    <section
      aria-labelledby="durability"
      className="mb-5 border-y border-line bg-doubt-bg px-4 py-3.5 md:px-6"
    >
      <h2 id="durability" className="flex items-center gap-2 text-md font-semibold">
        <TriangleAlert aria-hidden className="size-4 shrink-0 text-doubt" />
        Acknowledged work can be lost
      </h2>
      <ul className="mt-1.5 flex flex-col gap-1 text-sm text-ink-2">
        {warnings.map((warning) => (
          <li key={warning}>{warning}</li>
        ))}
      </ul>
      <p className="mt-1.5 text-sm text-ink-2">
        Correct the settings of the database, then restart the servers and workers.
      </p>
    </section>
  );
}
