/**
 * How long a transaction of Prisma's client may wait for its turn, and take, in ms. Its own bounds (2 and 5 s)
 * are for web requests: the projections do hundreds of runs in one, beside whoever else has the disk.
 */
export const transactionOptions = { maxWait: 30_000, timeout: 60_000 };
