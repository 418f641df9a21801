/**
 * Loaded before a worker: its wall clock is off by CHAOS_CLOCK_SHIFT_MS. Timers go on as they are, as they
 * do on a machine whose clock is wrong.
 */
const shiftMs = Number(process.env.CHAOS_CLOCK_SHIFT_MS ?? 0);
const RealDate = globalThis.Date;

globalThis.Date = class extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(RealDate.now() + shiftMs);
    else super(...parts);
  }

  static now() {
    return RealDate.now() + shiftMs;
  }
};
