/** Lags that are remembered, and how many make a rule. */
const REMEMBERED = 20;
const ENOUGH = 8;
/** Lags that differ more are no rule. */
const STEADY = 5000;
const MARGIN = 250;
/** The first guess, in milliseconds. */
const FIRST = 9000;

/**
 * How long AWS counts a task after its work has ended: its network card has to go first. Where that always takes the same
 * time, a place is taken as free when it is over, without a look; a launch that comes too early is only refused.
 */
export class ReleaseLag {
  readonly #lags: number[] = [];

  saw(milliseconds: number): void {
    this.#lags.push(Math.max(0, milliseconds));
    if (this.#lags.length > REMEMBERED) this.#lags.shift();
  }

  /** After so long a look is worth while. */
  get likely(): number {
    return this.#lags.length === 0
      ? FIRST
      : this.#lags.reduce((sum, lag) => sum + lag, 0) / this.#lags.length;
  }

  /** After so long no look is needed; undefined where that is not known. */
  get certain(): number | undefined {
    if (this.#lags.length < ENOUGH) return undefined;
    const longest = Math.max(...this.#lags);
    return longest - Math.min(...this.#lags) > STEADY ? undefined : longest + MARGIN;
  }
}
