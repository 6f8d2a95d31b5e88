/**
 * YAML text as a small tree that knows where everything stands. The `yaml` package reads; this file bounds what it may
 * do (size, nesting, aliases), says its errors in our words and drops everything JSON does not have.
 */
import {
  Composer,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Parser,
  type CST,
  type Document,
  type Node,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import type { DiagnosticCode } from './codes.ts';
import { diagnose, type Report } from './diagnose.ts';
import type { Diagnostic, Span } from './diagnostic.ts';
import { scalarPositions, writtenLength, type ScalarStyle } from './yaml-positions.ts';
import { explainYamlError, isInBrackets, type YamlProblem } from './yaml-errors.ts';

/** A value with its place. Aliases give the same node again. */
export type YamlNode = YamlScalar | YamlList | YamlMap;

export interface YamlList {
  readonly kind: 'list';
  readonly items: readonly YamlNode[];
  readonly span: Span;
}

export interface YamlMap {
  readonly kind: 'map';
  /** Keys are unique. */
  readonly entries: readonly YamlEntry[];
  readonly span: Span;
}

export interface YamlEntry {
  readonly key: YamlScalar;
  readonly value: YamlNode;
}

/** A single value. */
export class YamlScalar {
  readonly kind = 'scalar';
  readonly value: string | number | boolean | null;
  /** As written, for values that are no strings: `1.0`; else the value. */
  readonly text: string;
  readonly span: Span;
  /** Stands for something that could not be read and has been reported: nothing more is to be said about it. */
  readonly isUnreadable: boolean;
  readonly #style: ScalarStyle;
  readonly #file: string;
  #positions: readonly number[] | undefined;

  constructor(scalar: {
    value: string | number | boolean | null;
    text: string;
    span: Span;
    style: ScalarStyle;
    file: string;
    isUnreadable?: boolean;
  }) {
    this.value = scalar.value;
    this.text = scalar.text;
    this.span = scalar.span;
    this.isUnreadable = scalar.isUnreadable ?? false;
    this.#style = scalar.style;
    this.#file = scalar.file;
  }

  /** Offset in the file of the unit `index` of `text`; `text.length` gives the end. */
  offsetOf(index: number): number {
    const { start, end } = this.span;
    this.#positions ??= scalarPositions(this.#style, this.#file.slice(start, end), this.text);
    return start + (this.#positions[index] ?? end - start);
  }

  /** The file's range of `text.slice(from, to)`, exact also where an escape stands at its end. */
  spanOf(from: number, to: number): Span {
    if (from === 0 && to === this.text.length) return this.span;
    const start = this.offsetOf(from);
    if (to <= from) return { start, end: start };
    const last = this.offsetOf(to - 1);
    return { start, end: last + writtenLength(this.#style, this.#file, last) };
  }
}

/** Bytes of a lattice file. */
export const MAX_FILE_BYTES = 1024 * 1024;
const MAX_DEPTH = 64;
/** Values that aliases may add to those that are written. */
const MAX_ALIASED = 100_000;

/** Reads one document. Undefined: it is broken beyond further checks, and why has been reported. */
export function readYaml(file: string, text: string, report: Report): YamlNode | undefined {
  const at = (code: DiagnosticCode, span: Span, message: string, hint?: string): void => {
    report(diagnose(code, { file, span }, message, { hint }));
  };
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_FILE_BYTES) {
    at('L102', { start: 0, end: 0 }, `the file has ${bytes} bytes; ${MAX_FILE_BYTES} are allowed`);
    return undefined;
  }
  const tokens = parseTokens(text);
  const deep = tokens === undefined ? { start: 0, end: 0 } : tooDeep(tokens);
  if (tokens === undefined || deep !== undefined) {
    at(
      'L103',
      deep ?? { start: 0, end: 0 },
      `lists and mappings are nested more than ${MAX_DEPTH} deep`,
    );
    return undefined;
  }
  const documents = [...compose(tokens)];
  const [document, second] = documents;
  const problems = problemsOf(file, text, documents);
  if (problems.length > 0) {
    problems.forEach(report);
    return undefined;
  }
  if (second !== undefined) {
    at(
      'L107',
      { start: second.range[0], end: second.range[0] + 3 },
      'a second document starts here',
    );
    return undefined;
  }
  if (document === undefined || document.contents === null || isEmpty(document.contents)) {
    at('L110', { start: 0, end: 0 }, 'the file has no content');
    return undefined;
  }
  return new TreeBuilder(file, text, report).build(document.contents);
}

/** The token stage is iterative but for its lexer, which recurses over `- - - …` on one line. */
function parseTokens(text: string): readonly CST.Token[] | undefined {
  try {
    return [...new Parser().parse(text)];
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The composer recurses, so nesting is measured before it starts. Gives the first place that is too deep. */
function tooDeep(tokens: readonly CST.Token[]): Span | undefined {
  const open: { token: CST.Token; depth: number }[] = tokens.map((token) => ({ token, depth: 0 }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next;
    if (depth > MAX_DEPTH) return { start: token.offset, end: token.offset + 1 };
    if (token.type === 'document') {
      if (token.value) open.push({ token: token.value, depth });
    } else if ('items' in token) {
      for (const item of token.items) {
        if (item.key) open.push({ token: item.key, depth: depth + 1 });
        if (item.value) open.push({ token: item.value, depth: depth + 1 });
      }
    }
  }
  return undefined;
}

function* compose(tokens: readonly CST.Token[]): Generator<Document.Parsed> {
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    merge: false,
    uniqueKeys: false,
    keepSourceTokens: false,
    strict: true,
    logLevel: 'silent',
  });
  for (const document of composer.compose(tokens)) yield document;
}

/** All errors of the package, each place once, and each mistake once where that is known. */
function problemsOf(
  file: string,
  text: string,
  documents: readonly Document.Parsed[],
): readonly Diagnostic[] {
  const problems = documents
    .flatMap(({ errors, warnings }) => [
      ...errors,
      ...warnings.filter(({ code }) => code === 'TAG_RESOLVE_FAILED'),
    ])
    .map((problem): YamlProblem => explainYamlError(problem, text))
    .sort((a, b) => a.span.start - b.span.start);
  const found: Diagnostic[] = [];
  const places = new Set<number>();
  let isLost = false;
  for (const { code, span, message, hint, isUnquoted } of problems) {
    if (places.has(span.start)) continue;
    if (isLost && !(isUnquoted && isInBrackets(text, span.start))) continue;
    places.add(span.start);
    isLost ||= isUnquoted ?? false;
    found.push(diagnose(code, { file, span }, message, { hint }));
  }
  return found;
}

function isEmpty(node: Node): boolean {
  return isScalar(node) && node.value === null && node.source === '';
}

class TreeBuilder {
  readonly #file: string;
  readonly #text: string;
  readonly #report: Report;
  readonly #anchors = new Map<string, YamlNode>();
  readonly #weights = new Map<YamlNode, { values: number; depth: number }>();
  #aliased = 0;
  #tooMuch = false;

  constructor(file: string, text: string, report: Report) {
    this.#file = file;
    this.#text = text;
    this.#report = report;
  }

  build(node: Node): YamlNode | undefined {
    const root = this.#node(node, undefined, 0);
    return this.#tooMuch ? undefined : root;
  }

  #say(code: DiagnosticCode, span: Span, message: string, hint?: string): void {
    this.#report(diagnose(code, { file: this.#file, span }, message, { hint }));
  }

  /** `owner` is where an empty value is shown: its key or its dash. */
  #node(node: Node | null, owner: Span | undefined, depth: number): YamlNode {
    const result = this.#read(node, owner, depth);
    if (node !== null && !isAlias(node) && node.anchor !== undefined) {
      this.#anchors.set(node.anchor, result);
    }
    return result;
  }

  #read(node: Node | null, owner: Span | undefined, depth: number): YamlNode {
    const span = this.#span(node, owner);
    // Sets and ordered maps, which the package knows although they are not in the schema.
    if ((isMap(node) || isSeq(node)) && node.tag !== undefined && !jsonTags.has(node.tag)) {
      this.#say('L106', this.#tagBefore(span), 'this type is not one that JSON has');
      return this.#unreadable(span);
    }
    if (node === null) return this.#scalar(null, '', span, 'plain');
    if (isAlias(node)) return this.#alias(node.source, span, depth);
    if (isMap(node)) return this.#map(node, span, depth);
    if (isSeq(node)) {
      const items = node.items.map((item) =>
        isPair(item)
          ? this.#scalar(null, '', span, 'plain')
          : this.#node(item as Node | null, this.#dashBefore(item as Node | null, span), depth + 1),
      );
      return { kind: 'list', items, span };
    }
    return this.#value(node, span);
  }

  #value(node: Scalar, span: Span): YamlScalar {
    const style = styles[node.type ?? 'PLAIN'] ?? 'plain';
    const { value } = node;
    if (typeof value === 'string') return this.#scalar(value, value, span, style);
    const text = node.source ?? '';
    if (typeof value === 'number') {
      if (!Number.isFinite(value)) {
        this.#say(
          'L112',
          span,
          `${text} is not a number that can be passed on`,
          'put it in quotes',
        );
        return this.#scalar(text, text, span, style);
      }
      if (changes(text, value)) {
        const hint = `write '${text}' in quotes to keep every digit`;
        this.#say('L902', span, `${text} is read as the number ${value}`, hint);
      }
      return this.#scalar(value, text, span, style);
    }
    if (typeof value === 'boolean' || value === null) {
      return this.#scalar(value, text, span, style);
    }
    this.#say('L106', this.#tagBefore(span), 'this type is not one that JSON has');
    return this.#unreadable(span);
  }

  #map(node: YAMLMap, span: Span, depth: number): YamlMap {
    const entries: YamlEntry[] = [];
    const seen = new Map<string, Span>();
    for (const pair of node.items) {
      const key = this.#key(pair.key as Node | null, span);
      const value = this.#node(pair.value as Node | null, key?.span ?? span, depth + 1);
      if (key === undefined) continue;
      const first = seen.get(key.text);
      if (first === undefined) {
        seen.set(key.text, key.span);
        entries.push({ key, value });
      } else {
        this.#report(
          diagnose('L104', this.#at(key.span), `the key "${key.text}" is here a second time`, {
            notes: [{ message: 'the first one', location: this.#at(first) }],
          }),
        );
      }
    }
    return { kind: 'map', entries, span };
  }

  #key(node: Node | null, map: Span): YamlScalar | undefined {
    const span = this.#span(node, { start: map.start, end: Math.min(map.end, map.start + 1) });
    if (node !== null && isScalar(node) && !isEmpty(node)) {
      const key = this.#value(node, span);
      if (key.text === '<<' && node.type === 'PLAIN') {
        const hint = 'repeat the keys here, or put them into "defaults"';
        this.#say('L105', span, 'merge keys are not supported', hint);
        return undefined;
      }
      return this.#scalar(key.text, key.text, span, styles[node.type ?? 'PLAIN'] ?? 'plain');
    }
    const braces = this.#text.startsWith('{', span.start);
    const hint = braces ? 'put "${{ … }}" in quotes if an expression is meant' : undefined;
    const what =
      node === null || isEmpty(node)
        ? 'nothing'
        : isMap(node)
          ? 'a mapping'
          : isSeq(node)
            ? 'a list'
            : 'an alias';
    this.#say('L111', span, `${what} cannot be a key`, hint);
    return undefined;
  }

  #alias(name: string, span: Span, depth: number): YamlNode {
    const target = this.#anchors.get(name);
    if (target === undefined) {
      const short = name.length > 60 ? `${name.slice(0, 57)}...` : name;
      const hint = 'an anchor stands before its aliases and not around them';
      this.#say('L108', span, `there is no anchor "&${short}" before this place`, hint);
      return this.#unreadable(span);
    }
    const weight = this.#weigh(target);
    this.#aliased += weight.values;
    if ((this.#aliased > MAX_ALIASED || depth + weight.depth > MAX_DEPTH) && !this.#tooMuch) {
      this.#tooMuch = true;
      const limit =
        this.#aliased > MAX_ALIASED
          ? `aliases repeat more than ${MAX_ALIASED} values up to here`
          : `lists and mappings are nested more than ${MAX_DEPTH} deep here`;
      this.#say('L109', span, limit);
    }
    return this.#tooMuch ? this.#unreadable(span) : target;
  }

  /** Values and depth below a node as if every alias were written out; each node is counted once. */
  #weigh(node: YamlNode): { values: number; depth: number } {
    const known = this.#weights.get(node);
    if (known !== undefined) return known;
    let values = 1;
    let depth = 0;
    const children =
      node.kind === 'list'
        ? node.items
        : node.kind === 'map'
          ? node.entries.map((e) => e.value)
          : [];
    for (const child of children) {
      const below = this.#weigh(child);
      values += below.values;
      depth = Math.max(depth, below.depth + 1);
    }
    const weight = { values, depth };
    this.#weights.set(node, weight);
    return weight;
  }

  #unreadable(span: Span): YamlScalar {
    return new YamlScalar({
      value: null,
      text: '',
      span,
      style: 'plain',
      file: this.#text,
      isUnreadable: true,
    });
  }

  #scalar(value: YamlScalar['value'], text: string, span: Span, style: ScalarStyle): YamlScalar {
    return new YamlScalar({ value, text, span, style, file: this.#text });
  }

  #at(span: Span): { file: string; span: Span } {
    return { file: this.#file, span };
  }

  /** Without the line break that the package counts to a block; an empty value is shown at its owner. */
  #span(node: Node | null, owner: Span | undefined): Span {
    const range = node?.range;
    if (!range || range[0] >= range[1])
      return owner ?? { start: range?.[0] ?? 0, end: range?.[0] ?? 0 };
    let end = range[1];
    while (end > range[0] && /\s/.test(this.#text[end - 1] ?? '')) end -= 1;
    return { start: range[0], end: Math.max(end, range[0] + 1) };
  }

  /** The tag of a value; its token stands apart from the value's own. */
  #tagBefore(span: Span): Span {
    const before = this.#text.slice(Math.max(0, span.start - 200), span.start);
    const tag = /(!\S*)\s+$/.exec(before);
    if (tag === null) return span;
    const start = span.start - (before.length - tag.index);
    return { start, end: start + (tag[1] ?? '').length };
  }

  /** Where an empty item of a list in lines is shown. */
  #dashBefore(item: Node | null, list: Span): Span | undefined {
    const range = item?.range;
    if (!range || range[0] < range[1] || this.#text[list.start] === '[') return undefined;
    const dash = this.#text.lastIndexOf('-', range[0]);
    return dash < list.start ? undefined : { start: dash, end: dash + 1 };
  }
}

const jsonTags = new Set(['tag:yaml.org,2002:map', 'tag:yaml.org,2002:seq']);

const styles: Readonly<Record<string, ScalarStyle>> = {
  PLAIN: 'plain',
  QUOTE_SINGLE: 'single',
  QUOTE_DOUBLE: 'double',
  BLOCK_LITERAL: 'block',
  BLOCK_FOLDED: 'block',
};

/** Leading zeros, and digits beyond what a number can hold. */
function changes(text: string, value: number): boolean {
  if (/^[-+]?0\d/.test(text)) return true;
  return /^[-+]?\d+$/.test(text) && !Number.isSafeInteger(value);
}
