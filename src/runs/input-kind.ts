import { err, ok, type Result } from '../base/result.ts';

/** How the text of an input is read. */
export type InputKind =
  | { readonly type: 'text' }
  | { readonly type: 'choice'; readonly options: readonly string[] }
  | { readonly type: 'boolean' }
  | {
      readonly type: 'number';
      readonly least: number;
      readonly most?: number;
      readonly whole: boolean;
    }
  /** By comma or line. */
  | { readonly type: 'list' }
  /** YAML or JSON. */
  | { readonly type: 'mapping' };

/** All but mappings: what can be read without YAML. */
export type ValueKind = Exclude<InputKind, { readonly type: 'mapping' }>;

export const textKind = { type: 'text' } as const satisfies InputKind;
export const flagKind = { type: 'boolean' } as const satisfies InputKind;
export const listKind = { type: 'list' } as const satisfies InputKind;

/** A whole number of at least `least`. */
export function wholeKind(least: number, most?: number): ValueKind {
  return { type: 'number', least, whole: true, ...(most === undefined ? {} : { most }) };
}

/** A number of at least `least`. */
export function numberKind(least: number): ValueKind {
  return { type: 'number', least, whole: false };
}

export function choiceKind(...options: string[]): ValueKind {
  return { type: 'choice', options };
}

/** The value that a text means, or what it must be: `a number of at least 1`. Mappings are read elsewhere. */
export function readValue(
  kind: ValueKind,
  text: string,
): Result<string | boolean | number | readonly string[], string> {
  switch (kind.type) {
    case 'text':
      return ok(text);
    case 'choice':
      return kind.options.includes(text) ? ok(text) : err(`one of ${kind.options.join(', ')}`);
    case 'boolean':
      // The words of YAML 1.2's core schema, as the toolkit's getBooleanInput takes them.
      return /^(?:true|True|TRUE)$/.test(text)
        ? ok(true)
        : /^(?:false|False|FALSE)$/.test(text)
          ? ok(false)
          : err('true or false');
    case 'number': {
      const number = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
      const inside = number >= kind.least && number <= (kind.most ?? Number.MAX_SAFE_INTEGER);
      return inside && (!kind.whole || Number.isInteger(number))
        ? ok(number)
        : err(numberText(kind));
    }
    case 'list':
      return ok(
        text
          .split(/[,\n]/)
          .map((item) => item.trim())
          .filter((item) => item !== ''),
      );
  }
}

function numberText(kind: {
  readonly least: number;
  readonly most?: number;
  readonly whole: boolean;
}): string {
  const range =
    kind.most === undefined ? `of at least ${kind.least}` : `from ${kind.least} to ${kind.most}`;
  return `a ${kind.whole ? 'whole ' : ''}number ${range}`;
}
