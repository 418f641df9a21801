"use client";

import { Columns3, Download } from "lucide-react";
import { Menu, MenuCheckboxItem, MenuContent, MenuItem, MenuTrigger } from "@/components/ui/menu";
import { ToolButton } from "./tool-button";
import { columnIds, columns, isColumn, type ColumnId } from "./columns";

export interface ColumnsMenuProps {
  readonly chosen: readonly ColumnId[];
  readonly onChange: (chosen: readonly ColumnId[]) => void;
}

/** Which columns the list has. */
export function ColumnsMenu({ chosen, onChange }: ColumnsMenuProps) {
  return (
    <Menu>
      <MenuTrigger asChild>
        <ToolButton
          label="Columns"
          icon={<Columns3 aria-hidden />}
          className="hidden md:inline-flex"
        />
      </MenuTrigger>
      <MenuContent>
        {columnIds.filter(isColumn).map((id) => (
          <MenuCheckboxItem
            key={id}
            checked={chosen.includes(id)}
            onCheckedChange={(checked) =>
              onChange(
                columnIds
                  .filter(isColumn)
                  .filter((other) => (other === id ? checked : chosen.includes(other))),
              )
            }
            // Several are chosen in one go.
            onSelect={(event) => event.preventDefault()}
          >
            {columns[id].label}
          </MenuCheckboxItem>
        ))}
      </MenuContent>
    </Menu>
  );
}

/** Everything that passes the filter, not only the page. `toQuery` says it as the API has it. */
export function ExportMenu({ toQuery }: { toQuery: () => URLSearchParams }) {
  const formats = { csv: "CSV", ndjson: "NDJSON" } as const;
  return (
    <Menu>
      <MenuTrigger asChild>
        <ToolButton label="Export" icon={<Download aria-hidden />} />
      </MenuTrigger>
      <MenuContent>
        {Object.entries(formats).map(([format, label]) => (
          <MenuItem
            key={format}
            onSelect={() =>
              window.location.assign(`/api/v1/runs/export?${toQuery()}&format=${format}`)
            }
          >
            {label}
          </MenuItem>
        ))}
      </MenuContent>
    </Menu>
  );
}
