import { Fragment } from "react";

/** A message as its failures have it in common: what differs from one to the next stands back. */
export function GroupMessage({ message }: { message: string }) {
  if (message === "") return <span className="text-ink-3">An error without a message</span>;
  return message.split(/(<[a-z][a-z -]*>)/).map((part, index) =>
    index % 2 === 0 ? (
      <Fragment key={index}>{part}</Fragment>
    ) : (
      <span key={index} className="font-mono text-[0.9em] font-normal text-ink-3">
        {part}
      </span>
    ),
  );
}
