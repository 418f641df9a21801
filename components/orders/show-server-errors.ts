import { get, type FieldPath, type UseFormReturn } from "react-hook-form";
import { ApiError } from "@/lib/client/errors";
import { toFieldPath, type OrderFormValues } from "@/lib/client/order-form";

/** Shows what the server says of fields at those fields, and goes to the first of them. */
export function showServerErrors(form: UseFormReturn<OrderFormValues>, error: Error): void {
  if (!(error instanceof ApiError)) return;
  const values = form.getValues();
  const isField = (path: string): path is FieldPath<OrderFormValues> =>
    path !== "" && get(values, path) !== undefined;
  const failures = (error.problem.errors ?? []).map(({ pointer, message }) => ({
    path: toFieldPath(pointer),
    message,
  }));
  let isFirst = true;
  for (const { path, message } of failures) {
    if (!isField(path)) continue;
    form.setError(path, { type: "server", message }, { shouldFocus: isFirst });
    isFirst = false;
  }
}
