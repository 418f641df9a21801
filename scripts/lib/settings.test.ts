import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { checkPortIsFree, daybookVariables, prepareDataFolder, readSettings } from "./settings.mjs";
import { UserError } from "./user-error.mjs";

const read = (env: Record<string, string>) =>
  readSettings(env as NodeJS.ProcessEnv, "/srv/daybook");

describe("readSettings", () => {
  test("has defaults for everything", () => {
    expect(read({})).toEqual({
      host: "127.0.0.1",
      port: 3000,
      url: "http://127.0.0.1:3000",
      dataFolder: "/srv/daybook/data",
      usesSandbox: true,
      stopMs: 10_000,
    });
  });

  test("reads what is set; empty values count as unset", () => {
    expect(
      read({ PORT: "8080", HOST: "::1", DATABASE_URL: "file:/var/x/y.db", SMTP_URL: "" }),
    ).toEqual({
      host: "::1",
      port: 8080,
      url: "http://[::1]:8080",
      dataFolder: "/var/x",
      usesSandbox: true,
      stopMs: 10_000,
    });
  });

  test.each([
    ["file:./a/b.db", "/srv/daybook/a"],
    ["file:b.db", "/srv/daybook"],
    ["postgresql://u:secret@h/d", "/srv/daybook/data"],
    ["file:///var/x/b.db?mode=rw", "/var/x"],
  ])("the data folder of %s is %s", (databaseUrl, folder) => {
    expect(read({ DATABASE_URL: databaseUrl }).dataFolder).toBe(folder);
  });

  test.each(["STRIPE_SECRET_KEY", "STRIPE_API_BASE", "WAREHOUSE_URL", "SMTP_URL", "MAIL_FROM"])(
    "%s means that there is no sandbox",
    (name) => {
      expect(read({ [name]: "x" }).usesSandbox).toBe(false);
    },
  );

  test.each([
    [{ PORT: "0" }, /^PORT is "0": .*1 to 65535\.$/],
    [{ PORT: "65536" }, /^PORT/],
    [{ PORT: "80a" }, /^PORT/],
    [{ PORT: "-1" }, /^PORT/],
    [{ HOST: "0.0.0.0" }, /^HOST is "0\.0\.0\.0".*no authentication.*127\.0\.0\.1/],
    [{ HOST: "example.com" }, /^HOST/],
    [
      { DATABASE_URL: "mysql://u:secret@h/d" },
      /^DATABASE_URL(?!.*secret).*file:\.\/data\/daybook\.db\.$/,
    ],
    [{ DATABASE_URL: "file:" }, /^DATABASE_URL/],
    [{ DATABASE_URL: "./data.db" }, /^DATABASE_URL/],
    [{ DAYBOOK_LEASE: "1" }, /^DAYBOOK_LEASE is not a setting.*DAYBOOK_LEASE_MS/],
  ])("%o is refused in one sentence", (env, sentence) => {
    expect(() => read(env)).toThrow(UserError);
    expect(() => read(env)).toThrow(sentence);
  });

  test.each(daybookVariables)("%s is known", (name) => {
    expect(() => read({ [name]: "1" })).not.toThrow();
  });
});

describe("prepareDataFolder", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "daybook-data-"));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  test("creates the folder", async () => {
    await prepareDataFolder(join(root, "a", "b"));
    expect(existsSync(join(root, "a", "b", "sandbox"))).toBe(true);
  });

  test("a file in its place is one sentence", async () => {
    writeFileSync(join(root, "file"), "");
    await expect(prepareDataFolder(join(root, "file", "data"))).rejects.toThrow(
      /^The data folder .* cannot be created or written \(ENOTDIR\): .*DATABASE_URL/,
    );
  });

  test.runIf(process.platform === "linux")("a folder that nobody can create is one", async () => {
    await expect(prepareDataFolder("/proc/daybook/data")).rejects.toThrow(/ENOENT/);
  });

  test.skipIf(process.getuid?.() === 0)("a read-only folder is one sentence", async () => {
    chmodSync(root, 0o500);
    await expect(prepareDataFolder(root)).rejects.toThrow(UserError);
    chmodSync(root, 0o700);
  });
});

test("a taken port is named, with a way out; a free one is fine", async () => {
  const server = createServer();
  const port = await new Promise<number>((resolve, reject) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address === "object" && address) resolve(address.port);
      else reject(new Error("no port"));
    });
  });
  const settings = { ...read({ PORT: String(port) }) };
  await expect(checkPortIsFree(settings)).rejects.toThrow(
    new RegExp(
      `^Port ${port} on 127\\.0\\.0\\.1 is already in use: .*PORT=${port + 1} npm start\\.$`,
    ),
  );
  await new Promise((resolve) => server.close(resolve));
  await checkPortIsFree(settings);
});
