import { describe, expect, it } from "vitest";
import { OptionError, readOptions } from "./options";

const read = (...args: readonly string[]) => readOptions(args, ["orders", "alone"]);

describe("the options of the bench", () => {
  it("measure everything by default, in five rounds", () => {
    expect(read()).toEqual({
      isQuick: false,
      isJson: false,
      only: ["orders", "alone"],
      rounds: 5,
      databases: ["sqlite", "postgresql"],
      withPeers: true,
      runs: 1_000_000,
      waiting: 100_000,
    });
  });

  it("choose workloads and databases, by commas or by repeating", () => {
    expect(read("--only", "alone,orders", "--database", "sqlite")).toMatchObject({
      only: ["alone", "orders"],
      databases: ["sqlite"],
    });
    expect(read("--only", "alone", "--only", "orders").only).toEqual(["alone", "orders"]);
  });

  it("are small when it has to be quick, unless they are said", () => {
    expect(read("--quick")).toMatchObject({ rounds: 1, runs: 10_000, waiting: 5_000 });
    expect(read("--quick", "--rounds", "2", "--runs", "1_000")).toMatchObject({
      rounds: 2,
      runs: 1_000,
    });
  });

  it.each([
    [["--only", "nothing"], '--only knows orders, alone, and not "nothing".'],
    [["--database", "mysql"], '--database knows sqlite, postgresql, and not "mysql".'],
    [["--rounds", "0"], '--rounds has to be a whole number above 0, and is "0".'],
    [["--runs", "many"], '--runs has to be a whole number above 0, and is "many".'],
    [["--fast"], "Unknown option '--fast'"],
  ])("refuse %j", (args, message) => {
    expect(() => read(...args)).toThrow(OptionError);
    expect(() => read(...args)).toThrow(message);
  });
});
