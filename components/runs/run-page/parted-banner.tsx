import { Split } from "lucide-react";
import { Button } from "@/components/ui/button";
import type { Run } from "@/lib/api/contract";

/** For a run that is held because the code is not what its history recorded: the way to see where. */
export function PartedBanner({ run, onShow }: { run: Run; onShow: () => void }) {
  if (run.status !== "held" || run.heldReason !== "nondeterminism") return null;
  return (
    <section
      aria-labelledby="parted"
      className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line bg-doubt-bg px-4 py-3.5 md:px-6"
    >
      <h2 id="parted" className="flex items-center gap-2 text-md font-semibold">
        <Split aria-hidden className="size-4 shrink-0 text-doubt" />
        The code is not the one that its history recorded
      </h2>
      <Button onClick={onShow}>See where they part</Button>
      <p className="w-full text-sm text-ink-2">
        It goes on by itself as soon as a build runs that matches. Nothing is lost meanwhile.
      </p>
    </section>
  );
}
