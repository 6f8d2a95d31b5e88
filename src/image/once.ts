/** Answers of work that is done once for each key, also while it is under way. */
export class Once<Value> {
  readonly #made = new Map<string, Promise<Value>>();

  of(key: string, make: () => Promise<Value>): Promise<Value> {
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#made.set(key, made);
    return made;
  }
}
