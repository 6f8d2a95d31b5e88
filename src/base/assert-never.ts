/** Ends an exhaustive switch: a new member of a union then fails to compile, and a foreign value is our bug. */
export function assertNever(value: never): never {
  throw new Error(`Internal error: unexpected value ${JSON.stringify(value)}`);
}
