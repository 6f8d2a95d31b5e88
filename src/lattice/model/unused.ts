import { say, type Reading } from './reading.ts';

/** Warns of inputs that no expression reads; silent where `inputs` is read as a whole. */
export function warnOfUnused(reading: Reading): void {
  const { reads, inputs } = reading;
  const names = new Set(
    [...reads].filter((path) => /^inputs\b/.test(path)).map((path) => path.split('.')[1]),
  );
  if ([...names].some((name) => name === undefined || !inputs.has(name))) return;
  for (const { name, location } of inputs.values()) {
    if (!names.has(name)) say(reading, 'L903', location, `nothing reads the input "${name}"`);
  }
}
