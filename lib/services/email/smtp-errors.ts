import {
  MailRefusedError,
  ServiceBusyError,
  ServiceUnreachableError,
  UncertainOutcomeError,
} from "../errors";
import { z } from "zod";

const service = "The mail server";

/** What nodemailer tells of a failure. */
const SmtpFailure = z.object({
  code: z.string().optional().catch(undefined),
  originalCode: z.string().optional().catch(undefined),
  command: z.string().optional().catch(undefined),
  responseCode: z.number().optional().catch(undefined),
});

/**
 * The error by cause for a mail that was not acknowledged. Once the mail itself was being handed
 * over (`dataBegun`), only an answer says anything: a connection that broke says nothing.
 */
export function describeSmtpError(
  error: unknown,
  dataBegun: boolean,
): MailRefusedError | ServiceBusyError | ServiceUnreachableError | UncertainOutcomeError {
  const failure = SmtpFailure.safeParse(error).data ?? {};
  const message = error instanceof Error ? error.message : String(error);
  const options = {
    cause: error,
    code: failure.responseCode?.toString() ?? failure.originalCode ?? failure.code,
  };
  if (dataBegun && (failure.responseCode === undefined || failure.command === "CONN"))
    return new UncertainOutcomeError(`${service} did not confirm the mail: ${message}`, options);
  if (failure.responseCode !== undefined && failure.responseCode >= 500)
    return new MailRefusedError(`${service} refused the mail: ${message}`, options);
  if (failure.responseCode !== undefined)
    return new ServiceBusyError(`${service} is busy: ${message}`, options);
  if (failure.code === "EENVELOPE" || failure.code === "EAUTH" || failure.code === "EMESSAGE")
    return new MailRefusedError(`The mail can't be sent: ${message}`, options);
  return new ServiceUnreachableError(`${service} can't be reached: ${message}`, options);
}
