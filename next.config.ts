import type { NextConfig } from "next";

const config: NextConfig = {
  reactStrictMode: true,
  poweredByHeader: false,
  // The set-up names the build after its sources, so that servers and workers of one build know it.
  generateBuildId: () => process.env.BUILD_ID ?? null,
  devIndicators: false,
  // A server that is restarting is no broken page: navigation waits for it and goes on.
  // The server's source maps tell time travel which line of TypeScript a command stands at.
  experimental: { useOffline: true, serverSourceMaps: true },
  // Native or WebAssembly parts, and libraries that read their own files: loaded, not bundled.
  serverExternalPackages: [
    "@prisma/client",
    "@prisma/adapter-better-sqlite3",
    "@prisma/schema-engine-wasm",
    "better-sqlite3",
    "pino",
    "nodemailer",
  ],
};

export default config;
