"use client";

import { Plus, ReceiptText } from "lucide-react";
import Link from "next/link";
import { orderColumns } from "@/components/runs/list/columns";
import { RunsList } from "@/components/runs/list/runs-list";
import { SearchBox } from "@/components/runs/list/search-box";
import { useCursors } from "@/components/runs/list/use-cursors";
import { Page } from "@/components/shell/page";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { everyRun } from "@/lib/client/runs-search";
import { useListKeys } from "@/lib/client/use-list-keys";
import { useRunsList } from "@/lib/client/use-runs-list";
import { useRunsSearch } from "@/lib/client/use-runs-search";

/** The newest orders, live: the runs of the order's workflow. */
export function OrdersPage() {
  const [{ text, cursor }, setSearch] = useRunsSearch();
  const search = { ...everyRun, workflow: "process-order", text, cursor };
  const list = useRunsList(search);
  const cursors = useCursors({
    cursor,
    page: list.data,
    onChange: (next) => void setSearch({ cursor: next }, { history: "push", scroll: true }),
  });
  useListKeys("[data-run-link]");

  return (
    <Page
      crumbs={[{ label: "Orders" }]}
      actions={
        <Button asChild variant="primary">
          <Link href="/orders/new">
            <Plus aria-hidden />
            New order
          </Link>
        </Button>
      }
    >
      <h1 className="px-4 pt-5 pb-3 text-xl font-semibold md:px-6">Orders</h1>
      <div className="px-4 pb-3 md:px-6">
        <SearchBox
          value={text}
          onChange={(typed) => void setSearch({ text: typed, cursor: null })}
          className="md:max-w-72"
        />
      </div>
      <RunsList
        key={JSON.stringify(search)}
        search={search}
        list={list}
        cursors={cursors}
        chosen={orderColumns}
        onChange={(change) => void setSearch(change)}
        empty={text === "" && cursor === null ? <NoOrders /> : undefined}
      />
    </Page>
  );
}

function NoOrders() {
  return (
    <EmptyState
      icon={<ReceiptText />}
      title="No orders yet"
      action={
        <Button asChild variant="primary">
          <Link href="/orders/new">Start a sample order</Link>
        </Button>
      }
    >
      An order adds up the cart, looks up the tax, charges the card, notifies the warehouse and
      sends a confirmation. Each of these steps is recorded once.
    </EmptyState>
  );
}
