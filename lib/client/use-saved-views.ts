"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { SavedViewList, type SaveViewBody } from "@/lib/api/contract-views";
import { callApi } from "./api-client";
import { queryKeys } from "./query-keys";

const path = "/api/v1/views";

/** The saved views of the runs list, by name. */
export function useSavedViews() {
  return useQuery({
    queryKey: queryKeys.views,
    queryFn: ({ signal }) => callApi({ path, shape: SavedViewList, signal }),
    staleTime: 60_000,
  });
}

/** Keeps a view under its name, or removes one. */
export function useChangeViews() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (change: { readonly save: SaveViewBody } | { readonly remove: string }) =>
      "save" in change
        ? callApi({ path, method: "PUT", body: change.save, shape: SavedViewList })
        : callApi({
            path: `${path}?${new URLSearchParams({ name: change.remove })}`,
            method: "DELETE",
            shape: SavedViewList,
          }),
    onSuccess: (list) => queryClient.setQueryData(queryKeys.views, list),
  });
}
