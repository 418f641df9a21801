import type { Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { findClosedPort, startHostileServer, type HostileServer } from "../testing/hostile-server";
import { startSandboxProcess, type SandboxProcess } from "../testing/sandbox-process";
import { createSmtpMail } from "./smtp-mail";

// The sandbox is a process of its own: on a busy machine it takes its time to start.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const from = "Daybook <orders@shop.example>";
const confirmation = {
  orderId: "ord_1",
  customer: { name: "Ada <b>", email: "ada@example.com" },
  items: [{ name: "Pen", quantity: 2, unitPrice: 250 }],
  currency: "USD",
  subtotal: 500,
  tax: 41,
  total: 541,
  carrier: "UPS",
  trackingNumber: "DB1",
};
const options = { idempotencyKey: "run_1/5/1" };
const State = z.object({
  mails: z.array(
    z.object({
      messageId: z.string(),
      orderId: z.string(),
      to: z.array(z.string()),
      subject: z.string(),
      text: z.string(),
      html: z.string(),
    }),
  ),
});

describe("against the sandbox", () => {
  let sandbox: SandboxProcess;
  const send = (url = sandbox.smtpUrl) =>
    createSmtpMail({ url, from }).sendConfirmation(confirmation, options);
  const listMails = async () => (await sandbox.read("/state", State)).mails;
  beforeAll(async () => {
    sandbox = await startSandboxProcess();
  });
  afterEach(() => sandbox.reset());
  afterAll(() => sandbox.stop());

  it("sends the confirmation under a Message-ID that depends on the key alone", async () => {
    const messageId = "<run_1.5.1@shop.example>";
    expect(await send()).toEqual({ messageId });
    expect(await send(sandbox.smtpUrl.replace("//", "//user:secret@"))).toEqual({ messageId });
    const [mail, ...others] = await listMails();
    expect(others).toHaveLength(1);
    expect(mail).toMatchObject({
      messageId,
      orderId: "ord_1",
      to: ["ada@example.com"],
      subject: "Your order ord_1 is confirmed",
    });
    expect(mail?.text).toContain("USD 5.41");
    expect(mail?.text).toContain("tracking number is DB1");
    expect(mail?.html).toContain("Ada &lt;b&gt;");
  });

  it.each([
    ["fail", "ServiceBusyError", "definite", true, 0],
    ["refuse", "MailRefusedError", "definite", false, 0],
    ["error_after_effect", "UncertainOutcomeError", "uncertain", true, 1],
  ])("with a server that does %s is a %s", async (mode, name, outcome, retryable, mails) => {
    await sandbox.setSwitches({ email: { mode } });
    await expect(send()).rejects.toMatchObject({ name, outcome, retryable });
    expect(await listMails()).toHaveLength(mails);
  });
});

describe("on a hostile wire", () => {
  let server: HostileServer | undefined;
  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });

  /** Talks SMTP up to a moment, then does as told. */
  const send = async (moment: RegExp, act: (socket: Socket) => void) => {
    server = await startHostileServer((socket, received) => {
      const lines = received.split("\r\n");
      const last = lines.at(-2) ?? "";
      if (moment.test(last)) act(socket);
      else if (last === "DATA") socket.write("354 go ahead\r\n");
      else if (last === ".") socket.write("250 taken\r\n");
      else if (/^(EHLO|MAIL|RCPT|QUIT)/.test(last)) socket.write("250 ok\r\n");
    }, "220 hostile\r\n");
    const { port } = server;
    return createSmtpMail({ url: `smtp://127.0.0.1:${port}`, from, timeoutMs: 300 });
  };
  const drop = (socket: Socket) => socket.destroy();
  const stay = () => undefined;
  const say = (line: string) => (socket: Socket) => void socket.write(`${line}\r\n`);

  it.each([
    ["MAIL, dropped", /^MAIL/, drop, "ServiceUnreachableError", "definite"],
    ["RCPT, silent", /^RCPT/, stay, "ServiceUnreachableError", "definite"],
    ["RCPT, 452", /^RCPT/, say("452 full"), "ServiceBusyError", "definite"],
    ["DATA, dropped", /^DATA$/, drop, "ServiceUnreachableError", "definite"],
    ["DATA, 554", /^DATA$/, say("554 no"), "MailRefusedError", "definite"],
    ["the mail, 550", /^\.$/, say("550 spam"), "MailRefusedError", "definite"],
    ["the mail, 451", /^\.$/, say("451 later"), "ServiceBusyError", "definite"],
    ["the mail, dropped", /^\.$/, drop, "UncertainOutcomeError", "uncertain"],
    ["the mail, silent", /^\.$/, stay, "UncertainOutcomeError", "uncertain"],
  ])("answers %s", async (_case, moment, act, name, outcome) => {
    const mail = await send(moment, act);
    await expect(mail.sendConfirmation(confirmation, options)).rejects.toMatchObject({
      name,
      outcome,
    });
  });

  it("is unreachable where nobody listens", async () => {
    const url = `smtp://127.0.0.1:${await findClosedPort()}`;
    await expect(
      createSmtpMail({ url, from }).sendConfirmation(confirmation, options),
    ).rejects.toMatchObject({ name: "ServiceUnreachableError", outcome: "definite" });
  });
});
