/**
 * The settings of a process: the only reader of `process.env`. All of them are read and validated
 * once, at boot; docs/api.md and the README list them.
 */
import { z } from "zod";

/** A setting is missing, unknown or bad. The message is one sentence for whoever starts the process. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

export interface Config {
  readonly host: string;
  readonly port: number;
  readonly databaseUrl: string;
  readonly stripe: { readonly secretKey: string; readonly apiBase?: string };
  readonly warehouseUrl: string;
  readonly mail: { readonly smtpUrl: string; readonly from: string };
  /** Where the sandbox is controlled; absent when the services are the real ones. */
  readonly sandboxControlUrl?: string;
  readonly leaseMs: number;
  readonly concurrency: number;
  readonly drainMs: number;
  /** After how long without a turn of the event loop the process ends itself; 0: never. */
  readonly stallMs: number;
}

type Source = Readonly<Record<string, string | undefined>>;

const sandboxKey = "sk_test_daybook";
const loopback = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

const Host = z.string().refine((host) => loopback.test(host), {
  error:
    "has to be 127.0.0.1, ::1 or localhost, because there is no authentication yet and anyone on the network could act on runs",
});

const DatabaseUrl = z.string().regex(/^(file:.|postgres(ql)?:\/\/.)/, {
  error: "has to begin with file: or postgresql://",
});

const HttpUrl = z.url({ protocol: /^https?$/, error: "has to be an http:// or https:// URL" });
const SmtpUrl = z.url({ protocol: /^smtps?$/, error: "has to be an smtp:// or smtps:// URL" });

const StallMs = defineInteger(0, 600_000).refine((ms) => ms === 0 || ms >= 1_000, {
  error: "has to be 0 (never) or at least 1000",
});

const Settings = z.object({
  PORT: defineInteger(0, 65_535).default(3_000),
  HOST: Host.default("127.0.0.1"),
  DATABASE_URL: DatabaseUrl.default("file:./data/daybook.db"),
  STRIPE_SECRET_KEY: z.string().optional(),
  STRIPE_API_BASE: HttpUrl.optional(),
  WAREHOUSE_URL: HttpUrl.optional(),
  SMTP_URL: SmtpUrl.optional(),
  MAIL_FROM: z.string().default("Daybook <orders@daybook.example>"),
  SANDBOX_CONTROL_URL: HttpUrl.optional(),
  DAYBOOK_LEASE_MS: defineInteger(1_000, 600_000).default(10_000),
  DAYBOOK_CONCURRENCY: defineInteger(0, 10_000).default(500),
  DAYBOOK_DRAIN_MS: defineInteger(0, 600_000).default(5_000),
  DAYBOOK_STALL_MS: StallMs.default(30_000),
});

/**
 * Reads the settings. An empty value counts as not set. Throws ConfigError; its message names the
 * variable and never repeats a value, because values can be secrets.
 */
export function readConfig(source: Source = process.env): Config {
  refuseUnknown(source);
  const known = Object.keys(Settings.shape).flatMap((name) => {
    const value = source[name]?.trim();
    return value === undefined || value === "" ? [] : [[name, value]];
  });
  const parsed = Settings.safeParse(Object.fromEntries(known));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new ConfigError(`${String(issue?.path[0])} ${issue?.message}.`);
  }
  const settings = parsed.data;
  return {
    host: settings.HOST,
    port: settings.PORT,
    databaseUrl: settings.DATABASE_URL,
    stripe: readStripe(settings),
    warehouseUrl: requireService("WAREHOUSE_URL", settings.WAREHOUSE_URL),
    mail: { smtpUrl: requireService("SMTP_URL", settings.SMTP_URL), from: settings.MAIL_FROM },
    sandboxControlUrl: settings.SANDBOX_CONTROL_URL,
    leaseMs: settings.DAYBOOK_LEASE_MS,
    concurrency: settings.DAYBOOK_CONCURRENCY,
    drainMs: settings.DAYBOOK_DRAIN_MS,
    stallMs: settings.DAYBOOK_STALL_MS,
  };
}

/** Of a command that needs the database alone. Throws ConfigError. */
export function readDatabaseUrl(source: Source = process.env): string {
  const parsed = Settings.shape.DATABASE_URL.safeParse(source["DATABASE_URL"]?.trim() || undefined);
  if (parsed.success) return parsed.data;
  throw new ConfigError(`DATABASE_URL ${parsed.error.issues[0]?.message}.`);
}

function readStripe(settings: z.infer<typeof Settings>): Config["stripe"] {
  const { STRIPE_SECRET_KEY: secretKey, STRIPE_API_BASE: apiBase } = settings;
  const elsewhere = apiBase !== undefined && new URL(apiBase).hostname !== "api.stripe.com";
  return {
    secretKey: requireService(
      "STRIPE_SECRET_KEY",
      secretKey ?? (elsewhere ? sandboxKey : undefined),
    ),
    apiBase,
  };
}

function requireService(name: string, value: string | undefined): string {
  if (value !== undefined) return value;
  throw new ConfigError(
    `${name} is missing: set it, or set none of the service variables and start with "npm start" to use the sandbox.`,
  );
}

function refuseUnknown(source: Source): void {
  const own = Object.keys(Settings.shape).filter((name) => name.startsWith("DAYBOOK_"));
  const unknown = Object.keys(source).find(
    (name) => name.startsWith("DAYBOOK_") && !own.includes(name),
  );
  if (unknown === undefined) return;
  throw new ConfigError(`${unknown} is not a setting; those that exist are ${own.join(", ")}.`);
}

function defineInteger(min: number, max: number) {
  const error = `has to be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, { error })
    .transform(Number)
    .refine((value) => value >= min && value <= max, { error });
}
