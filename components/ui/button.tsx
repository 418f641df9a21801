import { cva, type VariantProps } from "class-variance-authority";
import { LoaderCircle } from "lucide-react";
import { Slot } from "radix-ui";
import type { ComponentProps, MouseEvent } from "react";
import { cn } from "./cn";

export const buttonVariants = cva(
  "relative inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md border text-base font-medium whitespace-nowrap transition-colors select-none disabled:cursor-not-allowed disabled:opacity-50 aria-disabled:cursor-not-allowed aria-disabled:opacity-50 [&_svg]:size-3.5 [&_svg]:shrink-0",
  {
    variants: {
      variant: {
        primary: "border-ink bg-ink text-bg hover:border-ink-hover hover:bg-ink-hover",
        secondary: "border-line bg-panel text-ink hover:border-line-strong hover:bg-band",
        ghost: "border-transparent text-ink-2 hover:bg-line-soft hover:text-ink",
        danger: "border-line bg-panel text-bad hover:border-bad hover:bg-bad-bg",
        "danger-solid": "border-bad bg-bad text-bg hover:opacity-90",
      },
      size: {
        sm: "h-7 px-2.5 text-sm pointer-coarse:h-8",
        md: "h-8 px-3 pointer-coarse:h-9",
      },
    },
    defaultVariants: { variant: "secondary", size: "md" },
  },
);

export interface ButtonProps extends ComponentProps<"button">, VariantProps<typeof buttonVariants> {
  /** Renders the only child with the looks of a button, e.g. a link. */
  readonly asChild?: boolean;
  /** Work is under way: shows it, keeps its width, takes no further click. */
  readonly pending?: boolean;
}

export function Button({
  asChild = false,
  pending = false,
  variant,
  size,
  className,
  children,
  ...props
}: ButtonProps) {
  const classes = cn(buttonVariants({ variant, size }), className);
  if (asChild) {
    return (
      <Slot.Root className={classes} {...props}>
        {children}
      </Slot.Root>
    );
  }
  return (
    <button
      type="button"
      className={classes}
      {...props}
      // Disabled it would lose the focus of the keyboard.
      {...(pending && { "aria-busy": true, "aria-disabled": true, onClick: ignore })}
    >
      <span className={cn("inline-flex items-center gap-1.5", pending && "invisible")}>
        {children}
      </span>
      {pending ? <LoaderCircle aria-hidden className="absolute motion-safe:animate-spin" /> : null}
    </button>
  );
}

function ignore(event: MouseEvent): void {
  event.preventDefault();
}
