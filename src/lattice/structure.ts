/** Compares a tree with the schema. Says everything that is wrong and marks it, so that nobody reads it further. */
import { diagnose, type Report } from './diagnose.ts';
import type { DiagnosticCode } from './codes.ts';
import type { Span } from './diagnostic.ts';
import type { KeySchema, Shape } from './shape.ts';
import { findExpressions } from './expression/find.ts';
import { didYouMean } from './suggest.ts';
import type { YamlEntry, YamlMap, YamlNode, YamlScalar } from './yaml.ts';

/** Nodes that did not fit and have been reported. */
export type Rejected = ReadonlySet<YamlNode>;

/** Checks a whole file. */
export function checkStructure(
  file: string,
  root: YamlNode,
  shape: Shape,
  report: Report,
): Rejected {
  const check = new StructureCheck(file, report);
  const first = root.kind === 'map' ? root.entries[0]?.key.span : undefined;
  const start = root.span.start;
  check.node(root, shape, { label: 'the file', span: first ?? { start, end: start + 1 } });
  return check.rejected;
}

/** Whose value is looked at. */
interface Owner {
  readonly label: string;
  /** Where a missing key is shown. */
  readonly span: Span;
}

class StructureCheck {
  readonly rejected = new Set<YamlNode>();
  readonly #file: string;
  readonly #report: Report;

  constructor(file: string, report: Report) {
    this.#file = file;
    this.#report = report;
  }

  node(node: YamlNode, shape: Shape, owner: Owner): void {
    if (node.kind === 'scalar' && node.isUnreadable) {
      this.rejected.add(node);
      return;
    }
    const fitting = choose(node, shape);
    if (fitting === undefined) {
      const hint = hintFor(node, shape);
      this.#reject(
        node,
        'L202',
        node.span,
        `${owner.label} takes ${describe(shape)}, not ${nameOf(node)}`,
        hint,
      );
      return;
    }
    if (isExpression(node)) {
      this.#expression(node, fitting, shape, owner);
      return;
    }
    if (node.kind === 'scalar') this.#scalar(node, fitting, shape, owner);
    else if (node.kind === 'list' && fitting.kind === 'list')
      this.#list(node.items, node, fitting, owner);
    else if (node.kind === 'map' && fitting.kind === 'object') this.#object(node, fitting, owner);
    else if (node.kind === 'map' && fitting.kind === 'map') this.#map(node, fitting, owner);
  }

  /** Text around an expression makes a text of it, whatever it gives. */
  #expression(node: YamlNode, fitting: Shape, whole: Shape, owner: Owner): void {
    const isText = fitting.kind === 'text' || fitting.kind === 'any' || fitting.kind === 'number';
    // A choice of true, false and a word may be put together out of pieces.
    const isWord = fitting.kind === 'flag' && whole.kind !== 'flag';
    if (isText || isWord || node.kind !== 'scalar') return;
    const found = findExpressions(node.text);
    if (!found.ok) return;
    if (found.pieces.length === 1) return;
    const message = `${owner.label} takes ${describe(fitting)}, not text around an expression`;
    this.#reject(
      node,
      'L312',
      node.span,
      message,
      'one expression and nothing around it keeps its type',
    );
  }

  #list(
    items: readonly YamlNode[],
    node: YamlNode,
    shape: Shape & { kind: 'list' },
    owner: Owner,
  ): void {
    if (items.length === 0 && !shape.mayBeEmpty) {
      this.#reject(node, 'L211', node.span, `${owner.label} has no items`);
    }
    for (const item of items) {
      this.node(item, shape.of, { label: `an item of ${owner.label}`, span: item.span });
    }
  }

  #map(node: YamlMap, shape: Shape & { kind: 'map' }, owner: Owner): void {
    if (node.entries.length === 0 && !shape.mayBeEmpty) {
      this.#reject(node, 'L211', node.span, `${owner.label} has no entries`);
    }
    for (const { key, value } of node.entries) {
      this.#name(key, value, shape.names);
      this.node(value, shape.of, { label: `"${short(key.text)}"`, span: key.span });
    }
  }

  #name(key: YamlScalar, value: YamlNode, names: 'id' | 'variable' | 'any'): void {
    const name = key.text;
    if (names === 'id') {
      if (name.length > 100) {
        this.#reject(
          value,
          'L207',
          key.span,
          `a name has at most 100 characters, this one ${name.length}`,
        );
      } else if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(name)) {
        const hint = 'a letter or _ first, then letters, digits, - and _';
        this.#reject(value, 'L207', key.span, `"${name}" cannot be a name`, hint);
      }
    } else if (names === 'variable' && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      const hint = 'a letter or _ first, then letters, digits and _';
      this.#reject(
        value,
        'L207',
        key.span,
        `"${short(name)}" cannot be an environment variable`,
        hint,
      );
    }
  }

  #object(node: YamlMap, shape: Shape & { kind: 'object' }, owner: Owner): void {
    for (const entry of node.entries) {
      const schema = Object.hasOwn(shape.keys, entry.key.text)
        ? shape.keys[entry.key.text]
        : undefined;
      const label = `"${short(entry.key.text)}"`;
      if (schema !== undefined) {
        this.node(entry.value, schema.shape, { label, span: entry.key.span });
      } else if (shape.others === undefined) {
        this.#unknown(entry, shape.keys, owner);
      } else {
        this.#name(entry.key, entry.value, 'id');
        this.node(entry.value, shape.others, { label, span: entry.key.span });
      }
    }
    for (const name of requiredOf(shape.keys)) {
      if (node.entries.some(({ key }) => key.text === name)) continue;
      this.#missing(name, node, owner, shape.keys);
    }
  }

  /** Silent beside an unknown key, which has been told: it is probably the one that is missing. */
  #missing(
    name: string,
    node: YamlMap,
    owner: Owner,
    keys: Readonly<Record<string, KeySchema>>,
  ): void {
    this.rejected.add(node);
    if (node.entries.some(({ key }) => !Object.hasOwn(keys, key.text))) return;
    this.#say('L203', owner.span, `${owner.label} has no "${name}"`);
  }

  #unknown(
    { key, value }: YamlEntry,
    keys: Readonly<Record<string, KeySchema>>,
    owner: Owner,
  ): void {
    const names = Object.keys(keys);
    const known = names.length <= 8 ? `the keys here are ${names.join(', ')}` : undefined;
    const message =
      owner.label === 'the file'
        ? `a lattice has no key "${short(key.text)}"`
        : `${owner.label} has no key "${short(key.text)}"`;
    this.#reject(
      value,
      'L201',
      key.span,
      message,
      elsewhere(key.text) ?? didYouMean(key.text, names) ?? known,
    );
  }

  #scalar(node: YamlScalar, fitting: Shape, whole: Shape, owner: Owner): void {
    if (fitting.kind === 'text') this.#text(node, fitting, whole, owner);
    if (fitting.kind === 'number' && typeof node.value === 'number') {
      this.#number(node, node.value, fitting, owner);
    }
  }

  #text(node: YamlScalar, shape: Shape & { kind: 'text' }, whole: Shape, owner: Owner): void {
    if (shape.words !== undefined && !shape.words.includes(node.text)) {
      const words = wordsOf(whole);
      const hint = didYouMean(node.text, words) ?? `one of ${words.join(', ')}`;
      this.#reject(node, 'L210', node.span, `${owner.label} cannot be "${short(node.text)}"`, hint);
    } else if (shape.pattern !== undefined && !new RegExp(shape.pattern).test(node.text)) {
      const text = node.text === '' ? 'empty' : `"${short(node.text)}"`;
      this.#reject(
        node,
        wrongType(shape),
        node.span,
        `${owner.label} takes ${describe(whole)}, not ${text}`,
      );
    } else if (node.text.trim() === '' && !shape.mayBeEmpty) {
      this.#reject(node, 'L211', node.span, `${owner.label} is empty`);
    }
  }

  #number(node: YamlScalar, value: number, shape: Shape & { kind: 'number' }, owner: Owner): void {
    if (shape.whole && !Number.isInteger(value)) {
      this.#reject(
        node,
        'L402',
        node.span,
        `${owner.label} takes a whole number, not ${node.text}`,
      );
    } else if (shape.min !== undefined && value < shape.min) {
      this.#reject(
        node,
        'L401',
        node.span,
        `${owner.label} is at least ${shape.min}, not ${node.text}`,
      );
    } else if (shape.max !== undefined && value > shape.max) {
      this.#reject(
        node,
        'L401',
        node.span,
        `${owner.label} is at most ${shape.max}, not ${node.text}`,
      );
    }
  }

  #reject(node: YamlNode, code: DiagnosticCode, span: Span, message: string, hint?: string): void {
    this.rejected.add(node);
    this.#say(code, span, message, hint);
  }

  #say(code: DiagnosticCode, span: Span, message: string, hint?: string): void {
    this.#report(diagnose(code, { file: this.#file, span }, message, { hint }));
  }
}

const required = new WeakMap<Readonly<Record<string, KeySchema>>, readonly string[]>();

/** The keys that have to be there, looked up once for all electrons. */
function requiredOf(keys: Readonly<Record<string, KeySchema>>): readonly string[] {
  let names = required.get(keys);
  if (names === undefined) {
    names = Object.keys(keys).filter((name) => keys[name]?.required);
    required.set(keys, names);
  }
  return names;
}

function hintFor(node: YamlNode, shape: Shape): string | undefined {
  if (node.kind !== 'scalar') return shape.kind === 'text' ? shape.otherwise : undefined;
  if (node.value === null) return 'leave the key away, or give it a value';
  const takesList = shape.kind === 'either' && shape.options.some(({ kind }) => kind === 'list');
  return takesList && wrongType(shape) === 'L405' && node.text.length < 60
    ? `write [${node.text}]`
    : undefined;
}

function wrongType(shape: Shape): DiagnosticCode {
  return 'wrongType' in shape && shape.wrongType !== undefined ? shape.wrongType : 'L202';
}

/** True for a text with `${{` in it: what it gives is checked elsewhere. */
export function isExpression(node: YamlNode): boolean {
  return node.kind === 'scalar' && typeof node.value === 'string' && node.value.includes('${{');
}

/** The part of a shape that a node is to be compared with; undefined: it fits none. */
function choose(node: YamlNode, shape: Shape): Shape | undefined {
  if (shape.kind === 'either') {
    const options = shape.options
      .map((option) => choose(node, option))
      .filter((fit) => fit !== undefined);
    const [first] = options;
    if (node.kind !== 'scalar' || options.length <= 1) return first;
    return (
      options.find((option) => option.kind === 'text' && option.words?.includes(node.text)) ?? first
    );
  }
  if (shape.kind === 'any') return shape;
  if (isExpression(node)) return templated(shape) ? shape : undefined;
  if (node.kind === 'list') return shape.kind === 'list' ? shape : undefined;
  if (node.kind === 'map')
    return shape.kind === 'map' || shape.kind === 'object' ? shape : undefined;
  return scalarFits(node, shape) ? shape : undefined;
}

function templated(shape: Shape): boolean {
  return 'template' in shape && shape.template;
}

function scalarFits(node: YamlScalar, shape: Shape): boolean {
  const { value } = node;
  switch (shape.kind) {
    case 'text':
      return typeof value === 'string' || (shape.scalars === true && value !== null);
    case 'number':
      return typeof value === 'number';
    case 'flag':
      return typeof value === 'boolean';
    case 'list':
    case 'map':
    case 'object':
      return false;
    case 'any':
    case 'either':
      return true;
  }
}

/** "a list or text": what a shape asks for, in words. */
function describe(shape: Shape): string {
  switch (shape.kind) {
    case 'text':
      if (shape.pattern?.endsWith('%$')) return 'a percentage such as 10%';
      if (shape.pattern?.includes('{64}')) return '64 hexadecimal digits';
      return shape.words === undefined
        ? 'text'
        : shape.words.map((word) => `"${word}"`).join(' or ');
    case 'number':
      return shape.whole ? 'a whole number' : 'a number';
    case 'flag':
      return 'true or false';
    case 'list':
      return 'a list';
    case 'map':
    case 'object':
      return 'a mapping';
    case 'any':
      return 'a value';
    case 'either':
      return [...new Set(shape.options.map(describe))]
        .join(' or ')
        .replace(/^true or false or /, 'true, false or ');
  }
}

function nameOf(node: YamlNode): string {
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'map') return 'a mapping';
  if (isExpression(node)) return 'an expression';
  if (node.value === null) return 'nothing';
  if (typeof node.value === 'string')
    return node.text === '' ? 'empty text' : `the text "${short(node.text)}"`;
  return node.text;
}

function wordsOf(shape: Shape): readonly string[] {
  if (shape.kind === 'either') return shape.options.flatMap(wordsOf);
  if (shape.kind === 'flag') return ['true', 'false'];
  return shape.kind === 'text' ? (shape.words ?? []) : [];
}

/** Names in messages stay readable. */
function short(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}

/** Keys of GitHub workflows and of common habit that are called otherwise here. */
function elsewhere(key: string): string | undefined {
  switch (key) {
    case 'on':
      return 'a lattice is started by its caller; triggers belong into the workflow';
    case 'jobs':
    case 'tasks':
    case 'nodes':
      return 'did you mean "electrons"?';
    case 'steps':
      return 'an electron is one piece of work; make each step an electron, or lines of "run"';
    case 'runs-on':
      return 'tasks run where the backend says; "vcpu", "memory" and "architecture" choose the size';
    case 'container':
      return 'did you mean "image"?';
    case 'gpu':
      return 'Fargate has no GPU';
    case 'cpu':
    case 'cpus':
      return 'did you mean "vcpu"?';
    case 'script':
      return 'did you mean "run"?';
    case 'depends-on':
    case 'depends_on':
      return 'did you mean "needs"?';
    default:
      return undefined;
  }
}
