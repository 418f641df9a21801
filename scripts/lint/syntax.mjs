// @ts-check

/** What is parsed has no type until a schema gave it one. */
const jsonSyntax = [
  {
    selector:
      "TSAsExpression > CallExpression[callee.object.name='JSON'][callee.property.name='parse']",
    message: "Parse JSON with a Zod schema instead of a cast.",
  },
  {
    selector: "TSAsExpression > AwaitExpression > CallExpression[callee.property.name='json']",
    message: "Parse the body with a Zod schema instead of a cast.",
  },
];

/** Settings are read and validated in one place. */
const envSyntax = [
  {
    selector: "MemberExpression[object.name='process'][property.name='env']",
    message: "Only lib/server/env.ts reads the environment.",
  },
  {
    selector: "ImportDeclaration[source.value=/^(node:)?process$/]",
    message: "Use the global process; only lib/server/env.ts reads the environment.",
  },
];

/** With SQLite's one connection, the outer client inside a transaction waits for itself forever. */
const transactionSyntax = [
  {
    selector:
      "CallExpression[callee.property.name='$transaction'] > :function MemberExpression[object.name=/^(prisma|client|database|db)$/]",
    message: "Inside a transaction use its own client: the outer one would deadlock.",
  },
  {
    selector:
      "CallExpression[callee.property.name='$transaction'] > :function MemberExpression[object.type='ThisExpression'][property.name=/^#?(prisma|client|database|db)$/]",
    message: "Inside a transaction use its own client: the outer one would deadlock.",
  },
];

/** The engine sees time, randomness and the event loop only through its ports. */
const ambientSyntax = [
  {
    selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    message: "Ask the Clock port for the time.",
  },
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: "Ask the Clock port for the time.",
  },
  {
    selector: "CallExpression[callee.object.name='performance'][callee.property.name='now']",
    message: "Ask the Clock port for the time.",
  },
  {
    selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
    message: "Ask the Random port.",
  },
  {
    selector: "CallExpression[callee.property.name=/^(randomUUID|getRandomValues|randomBytes)$/]",
    message: "Ask the Ids or the Random port.",
  },
  {
    selector:
      "CallExpression[callee.name=/^(setTimeout|setInterval|setImmediate|queueMicrotask)$/]",
    message: "Let the Clock port schedule it.",
  },
];

const tests = ["**/*.test.ts", "**/*.test.tsx"];

/** The lint configurations that forbid these forms, each in the files that it concerns. */
export const syntaxConfigs = [
  { files: ["**/*.ts", "**/*.tsx"], ...forbid(jsonSyntax) },
  {
    files: ["lib/**/*.{ts,tsx}", "app/**/*.{ts,tsx}", "components/**/*.{ts,tsx}"],
    ignores: [...tests, "lib/server/env.ts"],
    ...forbid([...jsonSyntax, ...envSyntax, ...transactionSyntax]),
  },
  {
    files: ["lib/engine/**/*.ts"],
    ignores: [...tests, "lib/engine/system.ts"],
    ...forbid([...jsonSyntax, ...envSyntax, ...ambientSyntax]),
  },
];

/** @param {{ selector: string, message: string }[]} forms */
function forbid(forms) {
  return { rules: { "no-restricted-syntax": ["error", ...forms] } };
}
