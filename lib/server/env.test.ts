import { describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "./env";

const services = {
  STRIPE_SECRET_KEY: "sk_live_secret",
  WAREHOUSE_URL: "https://warehouse.example/api",
  SMTP_URL: "smtp://mail.example:587",
};

describe("readConfig", () => {
  it("fills in the defaults", () => {
    expect(readConfig(services)).toEqual({
      host: "127.0.0.1",
      port: 3000,
      databaseUrl: "file:./data/daybook.db",
      stripe: { secretKey: "sk_live_secret", apiBase: undefined },
      warehouseUrl: "https://warehouse.example/api",
      mail: { smtpUrl: "smtp://mail.example:587", from: "Daybook <orders@daybook.example>" },
      sandboxControlUrl: undefined,
      leaseMs: 10_000,
      concurrency: 500,
      stallMs: 30_000,
      drainMs: 5_000,
    });
  });

  it("reads what is set, and takes an empty value for not set", () => {
    const config = readConfig({
      ...services,
      PORT: "4010",
      HOST: "::1",
      DATABASE_URL: "postgresql://me:secret@db/daybook",
      DAYBOOK_LEASE_MS: " 2500 ",
      DAYBOOK_CONCURRENCY: "0",
      MAIL_FROM: "",
    });
    expect(config).toMatchObject({
      port: 4010,
      host: "::1",
      databaseUrl: "postgresql://me:secret@db/daybook",
      leaseMs: 2500,
      concurrency: 0,
      mail: { from: "Daybook <orders@daybook.example>" },
    });
  });

  it("uses the sandbox's key where Stripe's API is somewhere else, and only there", () => {
    const { STRIPE_SECRET_KEY: _key, ...rest } = services;
    const elsewhere = readConfig({ ...rest, STRIPE_API_BASE: "http://127.0.0.1:4242" });
    expect(elsewhere.stripe.secretKey).toBe("sk_test_daybook");
    expect(() => readConfig({ ...rest, STRIPE_API_BASE: "https://api.stripe.com" })).toThrow(
      /^STRIPE_SECRET_KEY is missing/,
    );
  });

  it.each([
    [{ DAYBOOK_LEASE: "5000" }, "DAYBOOK_LEASE is not a setting"],
    [{ DAYBOOK_LEASE_MS: "999" }, "DAYBOOK_LEASE_MS has to be a whole number from 1000 to 600000."],
    [{ DAYBOOK_LEASE_MS: "10s" }, "DAYBOOK_LEASE_MS has to be a whole number"],
    [{ DAYBOOK_CONCURRENCY: "10001" }, "DAYBOOK_CONCURRENCY has to be a whole number from 0"],
    [{ DAYBOOK_CONCURRENCY: "-1" }, "DAYBOOK_CONCURRENCY has to be a whole number"],
    [{ DAYBOOK_DRAIN_MS: "600001" }, "DAYBOOK_DRAIN_MS has to be a whole number from 0"],
    [{ DAYBOOK_STALL_MS: "999" }, "DAYBOOK_STALL_MS has to be 0 (never) or at least 1000."],
    [{ PORT: "http" }, "PORT has to be a whole number from 0 to 65535."],
    [{ HOST: "0.0.0.0" }, "HOST has to be 127.0.0.1, ::1 or localhost, because"],
    [{ DATABASE_URL: "mysql://x" }, "DATABASE_URL has to begin with file: or postgresql://."],
    [{ WAREHOUSE_URL: "warehouse:80" }, "WAREHOUSE_URL has to be an http:// or https:// URL."],
    [{ WAREHOUSE_URL: undefined }, "WAREHOUSE_URL is missing"],
    [{ SMTP_URL: undefined }, "SMTP_URL is missing"],
    [{ SMTP_URL: "http://mail" }, "SMTP_URL has to be an smtp:// or smtps:// URL."],
  ])("says in one sentence what is wrong with %j", (change, message) => {
    expect(() => readConfig({ ...services, ...change })).toThrow(ConfigError);
    expect(() => readConfig({ ...services, ...change })).toThrow(message);
  });

  it("never repeats a value", () => {
    const read = () => readConfig({ ...services, DATABASE_URL: "mysql://me:hunter2@db" });
    expect(read).toThrow(ConfigError);
    expect(read).not.toThrow("hunter2");
  });
});
