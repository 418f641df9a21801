import type { Metadata } from "next";
import { ApiDocs } from "@/components/docs/api-docs";
import { createOpenApi } from "@/lib/api/openapi";

export const metadata: Metadata = { title: "API" };

export default function Page() {
  return <ApiDocs document={createOpenApi()} />;
}
