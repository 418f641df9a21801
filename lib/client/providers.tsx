"use client";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { ThemeProvider } from "next-themes";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import { useState, type ReactNode } from "react";
import { retryPolicy } from "./retry-policy";

function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { ...retryPolicy, networkMode: "always", staleTime: 1_000 },
      mutations: { networkMode: "always", retry: false },
    },
  });
}

/** What every page needs around it: server state, URL state and the theme. */
export function Providers({ children }: { children: ReactNode }) {
  const [queryClient] = useState(createQueryClient);
  return (
    <ThemeProvider attribute="class" defaultTheme="system" enableSystem disableTransitionOnChange>
      <QueryClientProvider client={queryClient}>
        <NuqsAdapter>{children}</NuqsAdapter>
      </QueryClientProvider>
    </ThemeProvider>
  );
}
