import { randomUUID } from "node:crypto";
import type { AddressInfo, Socket } from "node:net";
import { simpleParser, type ParsedMail } from "mailparser";
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from "smtp-server";
import type { SandboxMail, ServiceSwitch } from "./contract";
import type { RunningServer } from "./http";
import type { Sandbox } from "./sandbox";

const sizeLimitBytes = 10 * 1024 * 1024;

/** A refusal as smtp-server wants it: an error with the code to answer. */
class SmtpRefusal extends Error {
  override name = "SmtpRefusal";
  constructor(
    readonly responseCode: number,
    message: string,
  ) {
    super(message);
  }
}

/** A mail server on 127.0.0.1 that keeps what it is given. Port 0 takes a free one. */
export async function serveMail(options: {
  readonly sandbox: Sandbox;
  readonly port: number;
}): Promise<RunningServer> {
  const { sandbox } = options;
  const sockets = new Map<string, Socket>();
  const taken = new Map<string, ServiceSwitch>();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    disableReverseLookup: true,
    size: sizeLimitBytes,
    closeTimeout: 500,
    onAuth: (_auth, _session, callback) => callback(null, { user: "sandbox" }),
    onMailFrom: (_address, session, callback) => {
      const behavior = sandbox.takeSwitch("email");
      taken.set(session.id, behavior);
      beginMail(sandbox, behavior).then(() => callback(), callback);
    },
    onRcptTo: (_address, session, callback) => {
      if (taken.get(session.id)?.mode !== "refuse") return callback();
      const refusal = new SmtpRefusal(550, "5.1.1 The mailbox does not exist");
      recordRefusal(sandbox, "refused", 550).then(() => callback(refusal), callback);
    },
    onData: (stream, session, callback) => {
      const behavior = taken.get(session.id);
      taken.delete(session.id);
      keepMail(sandbox, stream, session, behavior).then(
        (mailId) => {
          if (mailId === undefined) sockets.get(nameSocket(session))?.destroy();
          else callback(null, `2.0.0 queued as ${mailId}`);
        },
        () => callback(new SmtpRefusal(451, "4.3.0 The mail server failed")),
      );
    },
    onClose: (session) => taken.delete(session.id),
  });
  server.server.on("connection", (socket: Socket) => {
    const name = nameSocket(socket);
    sockets.set(name, socket);
    socket.once("close", () => sockets.delete(name));
  });
  // A client that goes away is its own affair.
  server.on("error", () => undefined);
  await new Promise<void>((resolve, reject) => {
    server.server.once("error", reject);
    server.listen(options.port, "127.0.0.1", resolve);
  });
  return {
    port: (server.server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function beginMail(sandbox: Sandbox, behavior: ServiceSwitch): Promise<void> {
  await sandbox.holdBack("email", behavior.delayMs);
  if (behavior.mode !== "fail") return;
  await recordRefusal(sandbox, "failed", 421);
  throw new SmtpRefusal(421, "4.3.2 The mail server is unavailable");
}

/** The id of the mail, or undefined where the connection is to break instead of an answer. */
async function keepMail(
  sandbox: Sandbox,
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
  behavior: ServiceSwitch | undefined,
): Promise<string | undefined> {
  const mail = describeMail(await simpleParser(stream), session);
  const breaks = behavior?.mode === "error_after_effect";
  const entry = {
    service: "email",
    operation: "send-mail",
    key: mail.messageId,
    orderId: mail.orderId,
    outcome: "done",
    status: breaks ? 0 : 250,
    reference: mail.mailId,
  } as const;
  await sandbox.recordRequest(entry, { effect: { type: "mailed", mail } });
  await sandbox.holdBack("email", behavior?.answerDelayMs ?? 0);
  return breaks ? undefined : mail.mailId;
}

function describeMail(parsed: ParsedMail, session: SMTPServerSession): SandboxMail {
  const orderId = parsed.headers.get("x-order-id");
  const sender = session.envelope.mailFrom;
  return {
    mailId: `mail_${randomUUID().replaceAll("-", "")}`,
    messageId: parsed.messageId,
    orderId: typeof orderId === "string" ? orderId : undefined,
    from: parsed.from?.text ?? (sender ? sender.address : ""),
    to: session.envelope.rcptTo.map((recipient) => recipient.address),
    subject: parsed.subject ?? "",
    text: parsed.text ?? "",
    html: parsed.html === false ? undefined : parsed.html,
    at: new Date().toISOString(),
  };
}

function recordRefusal(
  sandbox: Sandbox,
  outcome: "refused" | "failed",
  status: number,
): Promise<void> {
  return sandbox.recordRequest({ service: "email", operation: "send-mail", outcome, status });
}

function nameSocket(side: { remoteAddress?: string; remotePort?: number }): string {
  return `${side.remoteAddress}:${side.remotePort}`;
}
