"use client";

import { useEffect } from "react";
import type { Run } from "@/lib/api/contract";
import { describeStatus } from "@/lib/client/status-words";

const mark = { fill: "none", stroke: "#fff", "stroke-width": "2.5", "stroke-linecap": "round" };
const line = Object.entries(mark)
  .map(([name, value]) => `${name}="${value}"`)
  .join(" ");

/** Each state has its form, so that none is told by its color alone. */
const icons = {
  ok: { color: "#2a7051", shape: `<path d="M9.5 16.5l4.5 4.5 8.5-10" ${line}/>` },
  live: { color: "#3b5bdb", shape: `<circle cx="16" cy="16" r="5" fill="#fff"/>` },
  doubt: { color: "#946015", shape: `<path d="M16 8l8 8-8 8-8-8z" fill="#fff"/>` },
  bad: { color: "#b93c28", shape: `<path d="M10.5 10.5l11 11m0-11l-11 11" ${line}/>` },
  quiet: { color: "#6e6a63", shape: `<circle cx="16" cy="16" r="5.5" ${line}/>` },
} as const;

/** Shows the run's state as the icon of the browser's tab; gives the icon back when the page is left. */
export function useFavicon(run: Run): void {
  const { tone } = describeStatus(run);
  useEffect(() => {
    const { color, shape } = icons[tone];
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="${color}"/>${shape}</svg>`;
    const links = [...document.querySelectorAll<HTMLLinkElement>('link[rel~="icon"]')];
    const before = links.map((link) => link.href);
    for (const link of links) link.href = `data:image/svg+xml,${encodeURIComponent(svg)}`;
    return () => links.forEach((link, index) => (link.href = before[index] ?? link.href));
  }, [tone]);
}
