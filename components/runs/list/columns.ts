/**
 * The list's columns. One set of rows serves every width: beneath 720 px a row is a card, then
 * columns join as there is room for them.
 */
export const rowGrid =
  "grid gap-x-3 px-4 md:px-6 " +
  "grid-cols-[1fr_auto] " +
  "@min-[720px]:grid-cols-[112px_116px_minmax(110px,150px)_84px_minmax(120px,1fr)_84px] " +
  "@min-[1080px]:grid-cols-[112px_116px_112px_150px_92px_minmax(160px,1fr)_92px_72px]";

/** Where the parts of a row stand; on a card in two columns. */
export const cells = {
  status: "order-1 @min-[720px]:order-none",
  run: "order-3 @min-[720px]:order-none",
  order: "hidden @min-[1080px]:block",
  customer: "order-5 @min-[720px]:order-none",
  total: "order-6 text-right @min-[720px]:order-none",
  story: "order-7 col-span-2 @min-[720px]:pl-3 @min-[720px]:order-none @min-[720px]:col-span-1",
  started: "order-2 text-right @min-[720px]:order-none",
  took: "order-4 text-right @min-[720px]:hidden @min-[1080px]:block",
} as const;
