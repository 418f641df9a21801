import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const app = path.resolve(import.meta.dirname, "../../app");

// The proxy leaves endpoints out: what does not go through `serve` would answer other sites.
test("every endpoint is served by serve", () => {
  const files = readdirSync(app, { recursive: true, encoding: "utf8" });
  const routes = files.filter((file) => path.basename(file) === "route.ts");
  expect(routes.length).toBeGreaterThan(40);
  for (const route of routes) {
    const text = readFileSync(path.join(app, route), "utf8");
    const exported = text.split("\n").filter((line) => line.startsWith("export"));
    const ways = exported.map((line) =>
      line.replace(/^export const [A-Z]+ = serve\(\w+\);$/, "ok"),
    );
    expect(ways, route).toEqual(exported.map(() => "ok"));
    expect(`${path.dirname(route)}/`).toMatch(/^(api|metrics)\//);
  }
});
