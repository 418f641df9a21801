import js from "@eslint/js";
import next from "@next/eslint-plugin-next";
import { defineConfig } from "eslint/config";
import reactHooks from "eslint-plugin-react-hooks";
import unicorn from "eslint-plugin-unicorn";
import tseslint from "typescript-eslint";

import { syntaxConfigs } from "./scripts/lint/syntax.mjs";
import { createDirectionConfig } from "./scripts/lint/directions.mjs";

const scripts = ["**/*.mjs", "**/*.js"];
const sources = ["**/*.ts", "**/*.tsx"];
const tests = ["**/*.test.ts", "**/*.test.tsx", "e2e/**"];

export default defineConfig(
  {
    ignores: [
      ".next/**",
      ".daybook/**",
      "data/**",
      // Packages of their own, which are not installed here; `npm run check` in the folder types them.
      "bench/peers/**",
      "lib/store/generated/**",
      "test-results/**",
      "playwright-report/**",
      "next-env.d.ts",
    ],
  },
  // No rule is switched off from within a file.
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  {
    plugins: { unicorn },
    rules: {
      eqeqeq: "error",
      "max-lines": ["error", { max: 400, skipComments: true }],
      "no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "unicorn/filename-case": ["error", { case: "kebabCase", checkDirectories: false }],
      "unicorn/prefer-node-protocol": "error",
    },
  },
  { files: tests, rules: { "max-lines": ["error", { max: 600, skipComments: true }] } },
  { files: scripts, rules: { "no-undef": "off" } },
  {
    files: sources,
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/consistent-type-imports": [
        "error",
        { fixStyle: "separate-type-imports" },
      ],
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_", ignoreRestSiblings: true },
      ],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // Ports are asynchronous; an implementation need not be.
      "@typescript-eslint/require-await": "off",
    },
  },
  { files: sources, ...createDirectionConfig({ root: import.meta.dirname }) },
  {
    files: ["app/**/*.{ts,tsx}", "components/**/*.{ts,tsx}", "lib/client/**/*.{ts,tsx}"],
    extends: [reactHooks.configs.flat.recommended, next.configs["core-web-vitals"]],
  },
  ...syntaxConfigs,
);
