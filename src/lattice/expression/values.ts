/**
 * JSON as GitHub's expression package wants it. Lists and mappings are wrapped, not copied, and a wrapper is made once per
 * object, so that ten thousand tasks that read `needs.x.tasks` share one conversion. JSON given to this folder must
 * therefore never change afterwards.
 */
import { data } from '@actions/expressions';
import type { Json, JsonObject } from '../../base/json.ts';

/** A value of GitHub's expression package. */
export type Value = data.ExpressionData;

/** A list over JSON that is converted when it is looked at. */
export class JsonList extends data.Array {
  readonly json: readonly Json[];
  #items: Value[] | undefined;

  constructor(json: readonly Json[]) {
    super();
    this.json = json;
  }

  override get(index: number): Value {
    return toValue(this.json[index] ?? null);
  }

  override values(): Value[] {
    this.#items ??= this.json.map(toValue);
    return this.#items;
  }
}

/**
 * A mapping over JSON. Names are found exactly or else, as in workflows, whatever their case; the package's own class
 * would lose one of `a` and `A`, and every key named like a member of `Object.prototype`.
 */
export class JsonMapping extends data.Dictionary {
  readonly json: JsonObject;
  #folded: Map<string, string> | undefined;

  constructor(json: JsonObject) {
    super();
    this.json = json;
  }

  override get(name: string): Value | undefined {
    if (Object.hasOwn(this.json, name)) return toValue(this.json[name] ?? null);
    const key = this.#keyOf(name.toLowerCase());
    return key === undefined ? undefined : toValue(this.json[key] ?? null);
  }

  override values(): Value[] {
    return Object.values(this.json).map((item) => toValue(item ?? null));
  }

  override pairs(): { key: string; value: Value }[] {
    return Object.entries(this.json).map(([key, item]) => ({ key, value: toValue(item ?? null) }));
  }

  #keyOf(folded: string): string | undefined {
    if (this.#folded === undefined) {
      this.#folded = new Map();
      for (const key of Object.keys(this.json)) {
        const name = key.toLowerCase();
        if (!this.#folded.has(name)) this.#folded.set(name, key);
      }
    }
    return this.#folded.get(folded);
  }
}

const wrappers = new WeakMap<object, JsonList | JsonMapping>();

/** JSON as a value of the expression package; the same object gives the same value. */
export function toValue(json: Json): Value {
  if (json === null) return new data.Null();
  if (typeof json === 'string') return new data.StringData(json);
  if (typeof json === 'number') return new data.NumberData(json);
  if (typeof json === 'boolean') return new data.BooleanData(json);
  const known = wrappers.get(json);
  if (known !== undefined) return known;
  const made = isList(json) ? new JsonList(json) : new JsonMapping(json);
  wrappers.set(json, made);
  return made;
}

/** A value as JSON; lists and mappings that came from JSON come back as the same object. */
export function toJson(value: Value): Json {
  if (value instanceof JsonList || value instanceof JsonMapping) return value.json;
  if (value instanceof data.Array) return value.values().map(toJson);
  if (value instanceof data.Dictionary) {
    return Object.fromEntries(value.pairs().map((pair) => [pair.key, toJson(pair.value)]));
  }
  return value instanceof data.Null ? null : value.value;
}

/** Text as GitHub makes it of a scalar; undefined for a list or mapping, of which GitHub would print `Array`, `Object`. */
export function textOf(value: Value): string | undefined {
  if (value instanceof data.NumberData) return numberText(value.value);
  return value.primitive ? value.coerceString() : undefined;
}

/**
 * Fifteen significant digits, as the runner's `G15`; whole numbers whole. The package's own text keeps fifteen digits
 * after the point instead, which makes 0 of 1e-16.
 */
export function numberText(value: number): string {
  if (value === 0) return '0';
  return Number.isSafeInteger(value) ? String(value) : String(Number(value.toPrecision(15)));
}

/** In words, for messages. */
export function kindOf(value: Value): string {
  switch (value.kind) {
    case data.Kind.String:
      return 'a text';
    case data.Kind.Array:
      return 'a list';
    case data.Kind.Dictionary:
      return 'a mapping';
    case data.Kind.Boolean:
      return 'true or false';
    case data.Kind.Number:
      return 'a number';
    case data.Kind.Null:
      return 'null';
  }
}

const isList = (json: readonly Json[] | JsonObject): json is readonly Json[] => Array.isArray(json);

const sizes = new WeakMap<object, number>();
const MAX_DEPTH = 500;

/** Bytes of a value as JSON, near enough for a limit; Infinity when it is nested too deeply to be written at all. */
export function sizeOf(json: Json, depth = 0): number {
  if (typeof json === 'string') return Buffer.byteLength(json) + 2;
  if (typeof json !== 'object' || json === null) return 5;
  const known = sizes.get(json);
  if (known !== undefined) return known;
  if (depth > MAX_DEPTH) return Infinity;
  let size = 2;
  if (isList(json)) {
    for (const item of json) size += sizeOf(item ?? null, depth + 1) + 1;
  } else {
    for (const [key, item] of Object.entries(json)) {
      size += Buffer.byteLength(key) + 4 + sizeOf(item ?? null, depth + 1);
    }
  }
  sizes.set(json, size);
  return size;
}
