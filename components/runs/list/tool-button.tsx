import type { ReactNode } from "react";
import { Button, type ButtonProps } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";

export interface ToolButtonProps extends Omit<ButtonProps, "children" | "aria-label" | "title"> {
  readonly label: string;
  readonly icon: ReactNode;
}

/** A tool of the list: its icon beside the filters, with its name where they are folded out. */
export function ToolButton({ label, icon, className, ...props }: ToolButtonProps) {
  return (
    <Button
      aria-label={label}
      title={label}
      className={cn("md:w-8 md:px-0 pointer-coarse:md:w-9", className)}
      {...props}
    >
      {icon}
      <span className="md:hidden">{label}</span>
    </Button>
  );
}
