/** Parts of a driver that is killed: nothing that it asks for happens any more, and it hears of nothing. */
export class MortalDriver {
  #dead = false;

  /** The same part for as long as the driver lives; parts of parts too. */
  lives<Part extends object>(part: Part): Part {
    return new Proxy(part, {
      get: (target, name, self) => {
        const value: unknown = Reflect.get(target, name, self);
        if (typeof value === 'function') {
          return (...args: unknown[]) =>
            this.#dead
              ? new Promise(() => undefined)
              : (Reflect.apply(value, target, args) as unknown);
        }
        return typeof value === 'object' && value !== null && hasCalls(value)
          ? this.lives(value)
          : value;
      },
    });
  }

  die(): void {
    this.#dead = true;
  }
}

/** Clocks are shared with those who live on. */
function hasCalls(part: object): boolean {
  return 'runTask' in part || 'create' in part || 'getLogEvents' in part;
}
