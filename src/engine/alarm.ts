import type { Clock } from '../base/clock.ts';

/** One sleep for everything that is due: set as often as one likes, it rings once for each time that has come. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #armed: { readonly at: number; readonly controller: AbortController } | undefined;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Milliseconds since the Unix epoch. A sleep that ends no later is left alone. */
  set(at: number): void {
    if (this.#armed !== undefined && this.#armed.at <= at) return;
    this.stop();
    const armed = { at, controller: new AbortController() };
    this.#armed = armed;
    void this.#sleep(armed);
  }

  stop(): void {
    this.#armed?.controller.abort();
    this.#armed = undefined;
  }

  async #sleep(armed: {
    readonly at: number;
    readonly controller: AbortController;
  }): Promise<void> {
    await this.#clock.sleep(Math.max(0, armed.at - this.#clock.now()), armed.controller.signal);
    if (this.#armed !== armed) return;
    this.#armed = undefined;
    this.#ring();
  }
}
