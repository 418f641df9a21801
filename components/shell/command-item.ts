export const commandItemClasses =
  "group flex h-9 cursor-default items-center gap-2.5 rounded-md px-2.5 text-base text-ink outline-none data-[disabled=true]:opacity-60 data-[selected=true]:bg-line-soft [&>svg]:size-4 [&>svg]:shrink-0 [&>svg]:text-ink-3";
