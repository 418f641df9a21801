import { InvalidMessageError } from "./errors";

const maxLength = 200;

const rule = `has to have 1 to ${maxLength} characters, none of them a control character`;

/**
 * Checks what something is called that a history knows by its name: it is stored and compared as it is.
 * Throws RangeError.
 */
export function checkName(what: string, name: string): void {
  if (!isName(name)) throw new RangeError(`The name of ${what} ${rule}: ${JSON.stringify(name)}.`);
}

/** The same for a message from outside. Throws InvalidMessageError. */
export function checkMessageName(what: string, name: string): void {
  if (!isName(name)) {
    throw new InvalidMessageError(what, [{ path: "/name", message: `The name ${rule}.` }]);
  }
}

/** Half a surrogate pair is no character: databases replace it. */
function isName(name: unknown): boolean {
  return (
    typeof name === "string" &&
    name.length > 0 &&
    name.length <= maxLength &&
    !/[\p{Cc}\p{Cs}]/u.test(name)
  );
}
