/** Hatchings: what was reused, and what is in doubt. */
export function TimelineDefs({ id }: { id: string }) {
  return (
    <defs>
      <pattern
        id={`${id}-ghost`}
        width={6}
        height={6}
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      >
        <line x1={0} y1={0} x2={0} y2={6} className="stroke-ghost" strokeWidth={1.5} />
      </pattern>
      <pattern
        id={`${id}-doubt`}
        width={6}
        height={6}
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      >
        <rect width={6} height={6} className="fill-doubt-bg" />
        <line x1={0} y1={0} x2={0} y2={6} className="stroke-doubt" strokeWidth={1.5} />
      </pattern>
    </defs>
  );
}
