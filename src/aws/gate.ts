/** Lets so many through at once; the others wait in their order. What waits has not begun: nothing of it is signed or sent. */
export class Gate {
  #free: number;
  #waiting: (() => void)[] = [];
  #first = 0;

  constructor(places: number) {
    this.#free = places;
  }

  async run<Value>(task: () => Promise<Value>): Promise<Value> {
    if (this.#free > 0) {
      this.#free -= 1;
    } else {
      // A place is handed over, never freed in between: nobody can overtake.
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
    try {
      return await task();
    } finally {
      this.#leave();
    }
  }

  #leave(): void {
    const next = this.#waiting[this.#first];
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    this.#first += 1;
    if (this.#first > 1024 && this.#first * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#first);
      this.#first = 0;
    }
    next();
  }
}
