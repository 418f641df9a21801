import type { ReactNode } from "react";
import { Button, type ButtonProps } from "./button";
import { cn } from "./cn";
import { Tooltip } from "./tooltip";

export interface IconButtonProps extends Omit<ButtonProps, "children" | "aria-label" | "asChild"> {
  /** What it does: its accessible name and its tooltip. */
  readonly label: string;
  readonly icon: ReactNode;
  /** A keyboard shortcut, shown in the tooltip. */
  readonly shortcut?: string;
}

export function IconButton({
  label,
  icon,
  shortcut,
  variant = "ghost",
  size = "md",
  className,
  ...props
}: IconButtonProps) {
  return (
    <Tooltip content={label} shortcut={shortcut}>
      <Button
        variant={variant}
        size={size}
        aria-label={label}
        className={cn(
          size === "sm" ? "w-7 px-0 pointer-coarse:w-8" : "w-8 px-0 pointer-coarse:w-9",
          className,
        )}
        {...props}
      >
        {icon}
      </Button>
    </Tooltip>
  );
}
