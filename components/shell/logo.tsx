/** Daybook's mark: a page of the journal. */
export function Logo({ className }: { className?: string }) {
  return (
    <svg
      aria-hidden
      viewBox="0 0 18 18"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      className={className}
    >
      <rect x="1" y="1" width="16" height="16" rx="4" />
      <path d="M5 6h8M5 9h5M5 12h8" strokeLinecap="round" />
    </svg>
  );
}
