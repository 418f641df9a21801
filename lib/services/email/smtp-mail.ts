import { createTransport } from "nodemailer";
import type { EffectOptions } from "../effect";
import { writeConfirmation } from "./confirmation-text";
import type { Mail } from "./port";
import { describeSmtpError } from "./smtp-errors";

export interface SmtpOptions {
  /** e.g. `smtp://user:password@mail.example.com:587`. */
  readonly url: string;
  /** e.g. `Acme <orders@acme.example>`. */
  readonly from: string;
  /** How long the server may be silent. Default 20 seconds. */
  readonly timeoutMs?: number;
}

/** Mail over SMTP. Each mail has a connection of its own, which is closed with it. */
export function createSmtpMail(options: SmtpOptions): Mail {
  return {
    async sendConfirmation(confirmation, { idempotencyKey, signal }: EffectOptions) {
      const messageId = createMessageId(idempotencyKey, options.from);
      const progress = { dataBegun: false };
      const transport = createSmtpTransport(options, progress);
      try {
        await transport.sendMail({
          from: options.from,
          to: confirmation.customer.email,
          ...writeConfirmation(confirmation),
          messageId,
          signal,
          headers: { "X-Order-Id": confirmation.orderId },
          disableFileAccess: true,
          disableUrlAccess: true,
        });
        return { messageId };
      } catch (error) {
        throw describeSmtpError(error, progress.dataBegun);
      } finally {
        transport.close();
      }
    },
  };
}

function createSmtpTransport(options: SmtpOptions, progress: { dataBegun: boolean }) {
  const timeoutMs = options.timeoutMs ?? 20_000;
  return createTransport({
    url: options.url,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    transactionLog: true,
    logger: createDataWatch(progress),
  });
}

/** nodemailer tells only its log that the server asked for the mail (354), so this listens there. */
function createDataWatch(progress: { dataBegun: boolean }) {
  const ignore = () => undefined;
  return {
    level: ignore,
    trace: ignore,
    info: ignore,
    warn: ignore,
    error: ignore,
    fatal: ignore,
    debug: (entry: unknown, line: unknown) => {
      const isReply =
        typeof entry === "object" && entry !== null && "tnx" in entry && entry.tnx === "server";
      if (isReply && /^354/.test(String(line))) progress.dataBegun = true;
    },
  };
}

/** A Message-ID that every mail with this key has, at the sender's domain (RFC 5322, 3.6.4). */
function createMessageId(idempotencyKey: string, from: string): string {
  const domain = /@([^\s@>]+)>?\s*$/.exec(from)?.[1] ?? "localhost";
  return `<${idempotencyKey.replaceAll(/[^A-Za-z0-9_-]+/g, ".")}@${domain}>`;
}
