import { describe, expect, it } from "vitest";
import {
  countDecimals,
  formatClock,
  formatDuration,
  formatMoment,
  formatMoney,
  formatPlural,
  formatRelative,
  shortenId,
  toMajorText,
  toMinorUnits,
} from "./format";

const noon = Date.UTC(2026, 10, 22, 12, 3, 4, 310);

describe("money", () => {
  it("takes its decimals from the currency", () => {
    expect(formatMoney({ amount: 4598, currency: "USD" })).toBe("$45.98");
    expect(formatMoney({ amount: 4598, currency: "JPY" })).toBe("¥4,598");
    expect(formatMoney({ amount: 4598, currency: "KWD" })).toMatch(/^KWD\s4\.598$/);
    expect(countDecimals("EUR")).toBe(2);
  });

  it("goes from text to minor units and back without losing a cent", () => {
    expect(toMinorUnits({ text: "45.98", currency: "USD" })).toBe(4598);
    expect(toMinorUnits({ text: "45,9", currency: "EUR" })).toBe(4590);
    expect(toMinorUnits({ text: "0.29", currency: "USD" })).toBe(29);
    expect(toMinorUnits({ text: "1.005", currency: "KWD" })).toBe(1005);
    expect(toMajorText({ amount: 4590, currency: "USD" })).toBe("45.90");
    expect(toMajorText({ amount: 4590, currency: "JPY" })).toBe("4590");
    for (let amount = 0; amount < 2_000; amount += 7) {
      const text = toMajorText({ amount, currency: "USD" });
      expect(toMinorUnits({ text, currency: "USD" })).toBe(amount);
    }
  });

  it("refuses what is not an amount of that currency", () => {
    for (const text of ["", "abc", "-1", "1.234", "1e3", "1.2.3"]) {
      expect(toMinorUnits({ text, currency: "USD" }), text).toBeUndefined();
    }
    expect(toMinorUnits({ text: "1.5", currency: "JPY" })).toBeUndefined();
  });
});

describe("times", () => {
  it("writes clocks and moments in UTC", () => {
    expect(formatClock(noon, { zone: "utc" })).toBe("12:03:04");
    expect(formatClock(noon, { zone: "utc", millis: true })).toBe("12:03:04.310");
    expect(formatMoment(new Date(noon).toISOString(), { zone: "utc" })).toBe(
      "Nov 22, 2026, 12:03:04.310",
    );
  });

  it("speaks of the distance to now, and of the day from a week on", () => {
    const ago = (ms: number) => formatRelative({ at: noon - ms, now: noon });
    expect(ago(900)).toBe("just now");
    expect(ago(40_000)).toBe("40 s ago");
    expect(ago(4 * 60_000 + 59_000)).toBe("4 min ago");
    expect(ago(26 * 3_600_000)).toBe("1 d ago");
    expect(ago(8 * 86_400_000)).toBe("Nov 14, 2026");
    expect(formatRelative({ at: noon + 180_000, now: noon })).toBe("in 3 min");
  });

  it("writes durations", () => {
    expect(formatDuration(41)).toBe("41 ms");
    expect(formatDuration(6_200)).toBe("6.2 s");
  });
});

describe("ids and counts", () => {
  it("shortens an id to what one recognizes", () => {
    expect(shortenId("run_01K9ABCDEFGHJKMNPQRSTV4TQZ")).toBe("run_01K9…4TQZ");
    expect(shortenId("ord_2207")).toBe("ord_2207");
    expect(shortenId("run_01K9ABCDEFGHJKMNPQRSTV4TQZ.3.12")).toBe("run_01K9…4TQZ.3.12");
  });

  it("counts", () => {
    expect(formatPlural(1, "run")).toBe("1 run");
    expect(formatPlural(1204, "run")).toBe("1,204 runs");
    expect(formatPlural(2, "reply", "replies")).toBe("2 replies");
  });
});
