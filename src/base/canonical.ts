import type { Json } from './json.ts';

/** JSON with the keys of every mapping in code unit order and no spaces: equal values give equal texts. */
export function canonical(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonical(item)).join(',')}]`;
  const map = value as { readonly [key: string]: Json };
  const entries = Object.keys(map)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(map[key] ?? null)}`);
  return `{${entries.join(',')}}`;
}
