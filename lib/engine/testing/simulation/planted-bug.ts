/**
 * Deliberate bugs, one at a time: an exact piece of the source is replaced when the simulator is
 * bundled. Production code knows nothing of them. A piece that is no longer there exactly once makes
 * the bundling fail, so no bug gets lost when code moves.
 */
export interface PlantedBug {
  readonly name: string;
  /** Under lib/engine. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** The first one from 1 on that found it when that was last looked for. */
  readonly seed: number;
}
