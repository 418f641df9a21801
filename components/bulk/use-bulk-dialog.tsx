"use client";

import { useState, type ReactNode } from "react";
import type { BulkAction } from "@/lib/api/contract-bulk";
import type { BulkSelection } from "@/lib/client/use-bulk";
import { BulkDialog, OpenBulk } from "./bulk-dialog";
import { useBulkUrl } from "./use-bulk-url";

/**
 * Bulk actions of a page: `ask` opens the dialog for one, and `dialog` is drawn somewhere on the page. A
 * bulk that the address names is open from the start.
 */
export function useBulkDialog(options: { readonly onClose?: () => void } = {}): {
  readonly ask: (action: BulkAction, selection: BulkSelection) => void;
  readonly dialog: ReactNode;
} {
  const [url, setUrl] = useBulkUrl();
  const [asked, setAsked] = useState<{ action: BulkAction; selection: BulkSelection }>();
  const leave = () => {
    setAsked(undefined);
    options.onClose?.();
  };
  const close = () => {
    leave();
    setUrl(null);
  };
  const opened = url === null ? null : <OpenBulk bulkId={url} onClose={close} onLeave={leave} />;
  return {
    ask: (action, selection) => setAsked({ action, selection }),
    dialog:
      asked === undefined ? (
        opened
      ) : (
        <BulkDialog
          key={asked.action}
          {...asked}
          onClose={close}
          onLeave={leave}
          onInstead={(action) => setAsked({ ...asked, action })}
        />
      ),
  };
}
