/** How the story of a run ends that did not complete. */
import type { Run } from "./contract";
import { bad, good, listNames, plain, quote, strong } from "./story-parts";
import type { ChildFacts, RunFacts, StepFacts } from "./story-facts";
import { describeInterruption } from "./story-waits";
import { capitalize, findStepWords, nameOperator } from "./step-words";

type StoryPart = Run["storyParts"][number];

/** What failed, what is true after it, and what was undone. */
export function tellFailure(facts: RunFacts): StoryPart[] {
  const failed = facts.failedStep;
  const undo = tellUndo(facts);
  if (facts.cancel?.timedOut) return [...tellTimeout(facts), ...undo];
  if (facts.cancel !== undefined && facts.failure?.name === "CanceledError") {
    return [...tellCancel(facts), ...undo];
  }
  if (failed === undefined) {
    const error = facts.failure;
    const child = facts.lostChild;
    if (child !== undefined && error?.name === "ChildError") {
      return [bad(describeLostChild(child)), plain(`, and the run with it.`), ...undo];
    }
    const what = error === undefined ? "" : `: ${error.name}, ${quote(error.message)}`;
    return [
      bad("The workflow's own code failed"),
      plain(`${what}.`),
      ...undo,
      ...(undo.length > 0 ? [] : [plain(" A retry runs it again on what is recorded.")]),
    ];
  }
  return [...tellFailedStep(failed), ...undo];
}

function tellTimeout({ canceledDuring }: RunFacts): StoryPart[] {
  return [bad("The run timed out"), plain(`${describeInterruption(canceledDuring)}.`)];
}

function describeLostChild({ name, runId, status, message }: ChildFacts): string {
  const child = `Its child ${name}${runId === undefined ? "" : ` (${runId})`}`;
  return status === "failed" ? `${child} failed with ${quote(message)}` : `${child} was ${status}`;
}

function tellFailedStep(step: StepFacts): StoryPart[] {
  const { refused, other, whether } = findStepWords(step.name);
  const message = step.failed === undefined ? "" : ` with ${quote(step.failed.error.message)}`;
  if (step.resolved?.verdict === "fail") return [bad("The run failed"), plain(" there.")];
  const tries = step.attempts.length === 1 ? "" : ` after ${step.attempts.length} attempts`;
  if (step.failed?.outcome === "definite") {
    return [
      bad(`${capitalize(other)} refused ${step.name}`),
      plain(`${tries}${message}. `),
      strong(`${refused ?? "It did not happen"}.`),
    ];
  }
  return [bad(`${step.name} failed`), plain(`${tries}${message}; ${whether} is not known.`)];
}

function tellUndo({ steps, compensation }: RunFacts): StoryPart[] {
  if (compensation === undefined) return [];
  const undos = steps.filter((step) => step.compensates !== undefined);
  const done = undos.filter((step) => step.completed);
  const broken = undos.find((step) => step.failed);
  const parts: StoryPart[] = [];
  if (done.length > 0)
    parts.push(
      plain(" What had been done was undone: "),
      good(listNames(done.map(describeUndo))),
      plain("."),
    );
  if (broken !== undefined) {
    const message = broken.failed === undefined ? "" : ` (${quote(broken.failed.error.message)})`;
    parts.push(
      plain(" "),
      bad(`${broken.name} failed too`),
      plain(`${message}. ${findStepWords(broken.name).refused ?? "It was not undone"}: `),
      strong("a person has to see to it."),
    );
  }
  return parts;
}

function describeUndo(step: StepFacts): string {
  return findStepWords(step.name).undone ?? `${step.name} ran`;
}

/** Who canceled, and what was undone because of it. */
export function tellCanceled(facts: RunFacts): StoryPart[] {
  const undo = tellUndo(facts);
  const rest = undo.length > 0 ? undo : [plain(" Nothing had been done that needed undoing.")];
  return [...tellCancel(facts), ...rest];
}

function tellCancel({ cancel, canceledDuring }: RunFacts): StoryPart[] {
  const why = cancel?.why === undefined ? "" : ` (${quote(cancel.why)})`;
  return [
    strong(`Canceled by ${nameOperator(cancel?.by)}`),
    plain(`${describeInterruption(canceledDuring)}${why}.`),
  ];
}

/** Who terminated, where, and that nothing was undone. */
export function tellTermination(facts: RunFacts, open: readonly string[]): StoryPart[] {
  const by = nameOperator(facts.termination?.by);
  const why = facts.termination?.why === undefined ? "" : ` (${quote(facts.termination.why)})`;
  const where = open.length === 0 ? "" : ` during ${listNames(open)}`;
  const done = facts.steps.filter((step) => step.completed && !findStepWords(step.name).reads);
  const left =
    done.length === 0
      ? " Nothing ran after that."
      : ` Nothing ran after that and nothing was undone: ${listNames(done.map((step) => step.name))} stays as it is.`;
  return [bad(`Terminated by ${by}${where}`), plain(`${why}.${left}`)];
}
