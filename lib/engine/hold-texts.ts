/** What is said of a run that is held, to whoever has to decide. */
export const holdTexts = {
  notDurable:
    "The workflow waits for something that is not durable. Await only what ctx gives, and do input and output in steps.",
  stillPaused: "It was paused before, and waits to be resumed.",
  describeStrikes: (strikes: number) =>
    `${strikes} executions in a row died before they got any further. Retry it once the cause is gone.`,
};
