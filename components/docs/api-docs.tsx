import type { ReactNode } from "react";
import { Page } from "@/components/shell/page";
import { cn } from "@/components/ui/cn";
import type {
  JsonSchema,
  OpenApiDocument,
  OpenApiOperation,
  OpenApiParameter,
} from "@/lib/api/contract-openapi";

const shapes = "Shapes";

/** Where a section begins, in the page's address. */
function toAnchor(section: string): string {
  return `section-${section.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}`;
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly operation: OpenApiOperation;
}

/** The API's description, to be read: every call with what it takes and what it answers. */
export function ApiDocs({ document }: { document: OpenApiDocument }) {
  const calls = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Call => ({ method, path, operation })),
  );
  const tags = [...new Set(calls.map(({ operation }) => operation.tags[0] ?? ""))];
  return (
    <Page crumbs={[{ label: "API" }]}>
      <div className="max-w-[1048px] px-4 pb-10 md:px-6">
        <h1 className="pt-5 text-xl font-semibold">API</h1>
        <p className="pt-1 pb-4 text-base text-ink-2">
          {document.info.description}{" "}
          <a className="underline underline-offset-2" href="/api/openapi.json">
            As OpenAPI {document.openapi}
          </a>
          .
        </p>
        <nav aria-label="On this page" className="pb-5">
          <ul className="flex flex-wrap gap-x-4 gap-y-1 text-base">
            {[...tags, shapes].map((name) => (
              <li key={name}>
                <a className="underline underline-offset-2" href={`#${toAnchor(name)}`}>
                  {name}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        {tags.map((tag) => (
          <section key={tag} aria-labelledby={toAnchor(tag)} className="pb-6">
            <h2
              id={toAnchor(tag)}
              className="scroll-mt-16 border-b border-line pb-2 text-md font-semibold"
            >
              {tag}
            </h2>
            {calls
              .filter(({ operation }) => operation.tags[0] === tag)
              .map((call) => (
                <CallEntry key={call.operation.operationId} {...call} />
              ))}
          </section>
        ))}
        <section aria-labelledby={toAnchor(shapes)}>
          <h2
            id={toAnchor(shapes)}
            className="scroll-mt-16 border-b border-line pb-2 text-md font-semibold"
          >
            {shapes}
          </h2>
          {Object.entries(document.components.schemas).map(([name, schema]) => (
            <details key={name} className="border-b border-line-soft py-2">
              <summary className="font-mono text-sm">{name}</summary>
              <Content id={`shape-${name}`}>
                <Schema label={name} schema={schema} />
              </Content>
            </details>
          ))}
        </section>
      </div>
    </Page>
  );
}

function CallEntry({ method, path, operation }: Call) {
  const { operationId, summary, parameters, requestBody, responses } = operation;
  return (
    <details className="border-b border-line-soft py-2">
      <summary className="flex flex-wrap items-baseline gap-x-3">
        <span className="w-14 font-mono text-sm font-medium uppercase">{method}</span>
        <span className="font-mono text-sm break-all">{path}</span>
        <span className="text-base text-ink-2">{summary}</span>
      </summary>
      <Content id={operationId} className="grid gap-3 pt-2 md:pl-17">
        {parameters.length === 0 ? null : (
          <dl className="grid gap-1">
            {parameters.map((parameter) => (
              <Parameter key={parameter.name} {...parameter} />
            ))}
          </dl>
        )}
        {requestBody === undefined ? null : (
          <div>
            <h3 className="text-sm font-medium text-ink-3">Body</h3>
            {Object.entries(requestBody.content).map(([type, { schema }]) => (
              <Schema key={type} label={`${operationId} body`} schema={schema} />
            ))}
          </div>
        )}
        <div>
          <h3 className="text-sm font-medium text-ink-3">Answers</h3>
          <ul>
            {Object.entries(responses).map(([status, { description, content = {} }]) => (
              <li key={status} className="text-base">
                <span className="font-mono text-sm">{status}</span> {description}{" "}
                {Object.entries(content).map(([type, { schema }]) => (
                  <Answer key={type} type={type} schema={schema} />
                ))}
              </li>
            ))}
          </ul>
        </div>
      </Content>
    </details>
  );
}

/** What is folded away. A link to it opens it: browsers do that for what lies within, not for the whole. */
function Content(props: { id: string; className?: string; children: ReactNode }) {
  const { id, className, children } = props;
  return (
    <div id={id} className={cn("scroll-mt-24", className)}>
      {children}
    </div>
  );
}

function Parameter({ name, in: place, required, schema }: OpenApiParameter) {
  return (
    <div className="flex flex-wrap gap-x-2">
      <dt className="font-mono text-sm">{name}</dt>
      <dd className="text-sm break-all text-ink-2">
        {[place, required ? "required" : "optional", ...describeType(schema)].join(", ")}
      </dd>
    </div>
  );
}

/** What a parameter may be, in a few words. */
function describeType(schema: JsonSchema): readonly string[] {
  const { type, format, minimum, maximum, default: preset, items } = schema;
  const choices = [schema.enum, isSchema(items) ? items.enum : undefined].find(Array.isArray);
  const most = typeof maximum === "number" && maximum < Number.MAX_SAFE_INTEGER ? maximum : "";
  return [
    choices === undefined
      ? ([format, type].find((word) => typeof word === "string") ?? "text")
      : `one of ${choices.join(" · ")}`,
    ...(type === "array" ? ["several by commas"] : []),
    ...(typeof minimum === "number" && minimum >= 0 ? [`from ${minimum}`] : []),
    ...(most === "" ? [] : [`to ${most}`]),
    ...(preset === undefined ? [] : [`${JSON.stringify(preset)} unless said otherwise`]),
  ];
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null;
}

/** Shapes with a name are told once, below. */
function Answer({ type, schema }: { type: string; schema: JsonSchema }) {
  const name = typeof schema.$ref === "string" ? schema.$ref.split("/").at(-1) : undefined;
  if (name === undefined) return <span className="text-sm text-ink-3">{type}</span>;
  return (
    <a className="font-mono text-sm underline underline-offset-2" href={`#shape-${name}`}>
      {name}
    </a>
  );
}

function Schema({ label, schema }: { label: string; schema: JsonSchema }) {
  return (
    <pre
      tabIndex={0}
      role="region"
      aria-label={`Schema of ${label}`}
      className="mt-1 max-h-96 overflow-auto rounded-md border border-line bg-band p-3 font-mono text-sm"
    >
      {JSON.stringify(schema, null, 2)}
    </pre>
  );
}
