/** Why a run could not begin or go on, in words for its user. It is no bug: shells print the message alone. */
export type EngineErrorCode =
  /** Another driver is at work on this run. */
  | 'busy'
  /** Another driver has taken the run over while this one was at work. */
  | 'taken-over'
  /** The store or the run was written by a newer version. */
  | 'newer-version'
  /** The store is broken or full. */
  | 'store'
  /** What the store holds of the run cannot be understood. */
  | 'corrupt'
  /** There is no such run. */
  | 'unknown-run'
  /** More tasks than `max-tasks`. */
  | 'too-many-tasks'
  /** A request that contradicts the lattice, such as an unknown electron in `only`. */
  | 'request';

/** A user-facing error: cause, fact and what to do stand in the message. */
export class EngineError extends Error {
  readonly code: EngineErrorCode;
  constructor(code: EngineErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EngineError';
    this.code = code;
  }
}
