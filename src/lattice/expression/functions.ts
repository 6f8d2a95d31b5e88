/** The functions of expressions: GitHub's, with their traps turned into errors, and ours. */
import { data, wellKnownFunctions } from '@actions/expressions';
import type { Json } from '../../base/json.ts';
import type { Contexts } from '../plan.ts';
import {
  JsonList,
  JsonMapping,
  kindOf,
  numberText,
  sizeOf,
  textOf,
  toJson,
  toValue,
} from './values.ts';
import type { Value } from './values.ts';

/** Bytes of one evaluated value. */
export const MAX_VALUE_BYTES = 8 * 1024 * 1024;
/** Items of one `range`, the number of tasks that a lattice may have. */
export const MAX_RANGE = 10_000;

/** A refusal of a function; the evaluator adds the place. */
export class Refusal extends Error {
  readonly hint: string | undefined;
  readonly code: 'L311' | 'L312' | 'L409';
  constructor(message: string, hint?: string, code: 'L311' | 'L312' | 'L409' = 'L311') {
    super(message);
    this.hint = hint;
    this.code = code;
  }
}

/** A function as the checks, the evaluator and the documentation see it. */
export interface FunctionEntry {
  /** As it is written: function names ignore case. */
  readonly name: string;
  readonly minArgs: number;
  readonly maxArgs: number;
  /** In words: `range(from, to[, step])`. */
  readonly usage: string;
  readonly status: boolean;
  readonly call: (args: readonly Value[], status: Contexts['status']) => Value;
}

/** By lower-case name. `case` is here for its arity; the evaluator runs it, because only the chosen branch counts. */
export const FUNCTIONS: ReadonlyMap<string, FunctionEntry> = new Map(
  [
    github('contains', 2, 2, 'contains(search, item)', contains),
    github('startsWith', 2, 2, 'startsWith(text, start)', textFunction('startswith')),
    github('endsWith', 2, 2, 'endsWith(text, end)', textFunction('endswith')),
    github('format', 1, 255, 'format(text, value, …)', format),
    github('join', 1, 2, 'join(list[, separator])', join),
    github('toJSON', 1, 1, 'toJSON(value)', toJsonText),
    github('fromJSON', 1, 1, 'fromJSON(text)', fromJsonText),
    github('case', 3, Infinity, 'case(condition, value, …, otherwise)', (args) => at(args, 0)),
    github('range', 2, 3, 'range(from, to[, step])', range),
    github('chunk', 2, 2, 'chunk(list, size)', chunk),
    github('length', 1, 1, 'length(value)', length),
    github('keys', 1, 1, 'keys(mapping)', (args) => members(args, 'keys')),
    github('values', 1, 1, 'values(mapping)', (args) => members(args, 'values')),
    statusFunction('success', (status) => status.success),
    statusFunction('failure', (status) => status.failure),
    statusFunction('cancelled', (status) => status.cancelled),
    statusFunction('always', () => true),
  ].map((entry) => [entry.name.toLowerCase(), entry]),
);

function github(
  name: string,
  minArgs: number,
  maxArgs: number,
  usage: string,
  call: FunctionEntry['call'],
): FunctionEntry {
  return { name, minArgs, maxArgs, usage, status: false, call };
}

function statusFunction(
  name: string,
  read: (status: NonNullable<Contexts['status']>) => boolean,
): FunctionEntry {
  const none = { success: true, failure: false, cancelled: false };
  const call: FunctionEntry['call'] = (_, status) => new data.BooleanData(read(status ?? none));
  return { name, minArgs: 0, maxArgs: 0, usage: `${name}()`, status: true, call };
}

const at = (args: readonly Value[], index: number): Value => args[index] ?? new data.Null();

function original(name: string, args: readonly Value[]): Value {
  const found = wellKnownFunctions[name];
  if (found === undefined) throw new Error(`Internal error: the package has no function ${name}`);
  return found.call(...args);
}

/** Numbers get our text before the package makes its own. */
const spelled = (value: Value): Value =>
  value instanceof data.NumberData ? new data.StringData(numberText(value.value)) : value;

function textFunction(name: string): FunctionEntry['call'] {
  return (args) => original(name, args.map(spelled));
}

function contains(args: readonly Value[]): Value {
  return original('contains', at(args, 0).primitive ? args.map(spelled) : args);
}

function format(args: readonly Value[]): Value {
  const [template, ...values] = args.map((value) => text(value, 'format'));
  let size = template?.length ?? 0;
  for (const match of (template ?? '').matchAll(/\{(\d+)/g)) {
    size += values[Number(match[1])]?.length ?? 0;
  }
  refuseLong(size, 'format');
  return original(
    'format',
    [template ?? '', ...values].map((value) => new data.StringData(value)),
  );
}

function join(args: readonly Value[]): Value {
  const list = at(args, 0);
  if (list instanceof data.Dictionary) {
    throw new Refusal('join takes a list, not a mapping', 'join(values(…)) joins its values');
  }
  if (!(list instanceof data.Array)) return new data.StringData(text(list, 'join'));
  const separator = args.length > 1 ? text(at(args, 1), 'join') : ',';
  const items = list.values().map((item) => text(item, 'join'));
  refuseLong(
    items.reduce((sum, item) => sum + item.length + separator.length, 0),
    'join',
  );
  return new data.StringData(items.join(separator));
}

/** GitHub would print `Array` or `Object`, which is never what was meant. */
function text(value: Value, name: string): string {
  const found = textOf(value);
  if (found !== undefined) return found;
  throw new Refusal(
    `${name} cannot make a text of ${kindOf(value)}`,
    'toJSON(…) writes it as JSON',
    'L312',
  );
}

function refuseLong(size: number, name: string): void {
  if (size > MAX_VALUE_BYTES) {
    throw new Refusal(`${name} would give more than 8 MB`, 'pass it as a file', 'L409');
  }
}

function toJsonText(args: readonly Value[]): Value {
  const json = toJson(at(args, 0));
  if (sizeOf(json) > MAX_VALUE_BYTES) {
    throw new Refusal('toJSON would give more than 8 MB', 'pass it as a file', 'L409');
  }
  return new data.StringData(JSON.stringify(json, null, 2));
}

function fromJsonText(args: readonly Value[]): Value {
  const value = at(args, 0);
  if (!(value instanceof data.StringData)) return value;
  if (value.value.trim() === '') {
    throw new Refusal(
      'fromJSON was given an empty text',
      'an output that nobody set is null, not empty',
    );
  }
  refuseLong(value.value.length, 'fromJSON');
  try {
    return toValue(JSON.parse(value.value) as Json);
  } catch (error) {
    const start = value.value.length > 60 ? `${value.value.slice(0, 60)}…` : value.value;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal(`fromJSON cannot read ${JSON.stringify(start)}: ${reason}`);
  }
}

function range(args: readonly Value[]): Value {
  const from = number(at(args, 0), 'range', 'its first argument');
  const to = number(at(args, 1), 'range', 'its second argument');
  const step = args.length > 2 ? number(at(args, 2), 'range', 'its step') : 1;
  if (step === 0) throw new Refusal('range has a step of 0 and would never end');
  const exact = (to - from) / step;
  // A hair less, so that range(0, 1.1, 0.1) does not end with 1.1: 1.1 / 0.1 is 11.000000000000002.
  const count = Math.max(0, Math.ceil(exact - 1e-9 * Math.max(1, Math.abs(exact))));
  if (count > MAX_RANGE) {
    throw new Refusal(
      `range(${args.map((arg) => textOf(arg) ?? '').join(', ')}) would have ${numberText(count)} items, and 10,000 is the most`,
      'use a larger step, or let each task work through several values',
      'L409',
    );
  }
  return toValue(Array.from({ length: count }, (_, index) => tidy(from + index * step)));
}

/** Drops the last bits of a sum of fractions, so that range(0, 1, 0.1) has 0.3 and not 0.30000000000000004. */
const tidy = (value: number): number =>
  Number.isInteger(value) ? value : Number(value.toPrecision(15));

/** Numbers, and texts that are numbers; null would silently be 0, so it is refused. */
function number(value: Value, name: string, which: string): number {
  const found =
    value instanceof data.NumberData ||
    (value instanceof data.StringData && value.value.trim() !== '')
      ? value.number()
      : Number.NaN;
  if (Number.isFinite(found)) return found;
  const shown =
    value.primitive && !(value instanceof data.Null) ? `"${value.coerceString()}"` : kindOf(value);
  throw new Refusal(`${name} takes numbers, and ${which} is ${shown}`);
}

function chunk(args: readonly Value[]): Value {
  const list = at(args, 0);
  if (!(list instanceof data.Array)) {
    throw new Refusal(`chunk takes a list, and its first argument is ${kindOf(list)}`);
  }
  const size = number(at(args, 1), 'chunk', 'its size');
  if (!Number.isInteger(size) || size < 1) {
    throw new Refusal(`chunk takes a whole number of at least 1 as size, not ${numberText(size)}`);
  }
  const items = toJson(list) as readonly Json[];
  const chunks: Json[] = [];
  for (let start = 0; start < items.length; start += size) {
    chunks.push(items.slice(start, start + size));
  }
  return toValue(chunks);
}

/** Of null it is 0, as a missing property is null everywhere. */
function length(args: readonly Value[]): Value {
  const value = at(args, 0);
  if (value instanceof data.Null) return new data.NumberData(0);
  if (value instanceof JsonList) return new data.NumberData(value.json.length);
  if (value instanceof data.Array) return new data.NumberData(value.values().length);
  if (value instanceof data.Dictionary) return new data.NumberData(value.pairs().length);
  if (value instanceof data.StringData) return new data.NumberData(Array.from(value.value).length);
  throw new Refusal(`length takes a list, a mapping or a text, not ${kindOf(value)}`);
}

function members(args: readonly Value[], name: 'keys' | 'values'): Value {
  const value = at(args, 0);
  if (value instanceof data.Null) return toValue([]);
  if (value instanceof JsonMapping) {
    return toValue(name === 'keys' ? Object.keys(value.json) : Object.values(value.json));
  }
  throw new Refusal(`${name} takes a mapping, not ${kindOf(value)}`);
}
