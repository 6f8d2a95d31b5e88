/** One file of `__tests__/lattice/cases`: see the README there for the format. */
import { parse } from 'yaml';
import type { JsonObject } from '../../src/base/json.ts';
import type { Diagnostic, Location, SourceTexts } from '../../src/lattice/diagnostic.ts';
import type { Compilation, LatticeFiles, Plan } from '../../src/lattice/index.ts';
import type { Lattice } from '../../src/lattice/plan.ts';

/** A caret line, or what it should be. */
export interface Mark {
  /** Line in the case file, from 1. */
  readonly line: number;
  readonly column: number;
  readonly width: number;
  /** `L204` or `note`. */
  readonly code: string;
  /** Must be contained in message or hint. */
  readonly text: string;
}

/** A lattice file within a case, without its caret lines. */
interface Section {
  readonly name: string;
  readonly lines: string[];
  /** Line of each line in the case file, from 1. */
  readonly origins: number[];
}

export interface LatticeCase {
  readonly isOk: boolean;
  readonly inputs: JsonObject;
  readonly github: JsonObject;
  readonly existing: readonly string[];
  readonly sections: readonly Section[];
  readonly marks: readonly Mark[];
  /** Lines below `# plan:`; undefined when there is none. */
  readonly plan: readonly string[] | undefined;
  /** Lines below `# keys:`: a path into the lattice and what stands there. */
  readonly keys: readonly { readonly path: string; readonly value: unknown }[];
}

const markLine =
  /^#(?:(?<first><-)|(?<from>\d+)-(?<to>\d+)|(?<space> *)(?<carets>\^+))\s+(?<code>L\d{3}|note)\b ?(?<text>.*)$/;

export const MAIN_FILE = 'lattice.yml';

/** Reads a case file. */
export function readCase(source: string): LatticeCase {
  const marks: Mark[] = [];
  const sections: Section[] = [{ name: MAIN_FILE, lines: [], origins: [] }];
  const header: Record<string, unknown> = {};
  const keys: { path: string; value: unknown }[] = [];
  let plan: string[] | undefined;
  let inKeys = false;
  let inHeader = true;
  let marked = 1;
  for (const [index, line] of source.replace(/\n$/, '').split('\n').entries()) {
    const section = sections.at(-1);
    const mark = markLine.exec(line)?.groups;
    const next = /^# file (?<name>\S+):$/.exec(line)?.groups?.['name'];
    const head = /^# (?<key>ok|inputs|github|files)(?:$|: (?<value>.*))/.exec(line)?.groups;
    if (section === undefined) throw new Error('a case starts with a lattice');
    if (line === '# keys:') {
      inKeys = true;
    } else if (inKeys) {
      const [, path = '', value = ''] = /^# (\S+) (.*)$/.exec(line) ?? [];
      keys.push({ path, value: parse(value) });
    } else if (plan !== undefined) {
      if (line.trim() !== '') plan.push(line.replace(/^# ?/, '').trimEnd());
    } else if (line === '# plan:') {
      plan = [];
    } else if (next !== undefined) {
      sections.push({ name: next, lines: [], origins: [] });
      marked = index + 2;
    } else if (mark !== undefined) {
      marks.push(placed(mark, marked));
    } else {
      if (inHeader && head !== undefined)
        header[head['key'] ?? ''] = parse(head['value'] ?? 'true');
      if (!line.startsWith('#')) inHeader = false;
      section.lines.push(line);
      section.origins.push(index + 1);
      marked = index + 1;
    }
  }
  return {
    isOk: header['ok'] !== undefined || plan !== undefined || inKeys,
    inputs: (header['inputs'] ?? {}) as JsonObject,
    github: (header['github'] ?? {}) as JsonObject,
    existing: (header['files'] ?? []) as string[],
    sections,
    marks,
    plan,
    keys,
  };
}

function placed(mark: Readonly<Record<string, string>>, line: number): Mark {
  const { first, from, to, space, carets, code = '', text = '' } = mark;
  const column =
    first === undefined ? (from === undefined ? (space ?? '').length + 2 : Number(from)) : 1;
  const width =
    first === undefined ? (to === undefined ? (carets ?? '').length : Number(to) - column + 1) : 1;
  return { line, column, width, code, text: text.trim() };
}

/** The files of a case, as `compile` asks for them. */
export function filesOf(example: LatticeCase): LatticeFiles {
  const texts = new Map(example.sections.map((section) => [section.name, textOf(section)]));
  return {
    read: (path) => texts.get(path),
    exists: (path) => texts.has(path) || example.existing.includes(path),
  };
}

/** The text that is compiled: without caret lines. */
export function textOf(section: Section | undefined): string {
  return section === undefined ? '' : section.lines.map((line) => `${line}\n`).join('');
}

/** What the diagnostics would look like as marks, in order. */
export function marksOf(
  example: LatticeCase,
  diagnostics: readonly Diagnostic[],
  sources: SourceTexts,
): readonly Mark[] {
  return diagnostics.flatMap((found) => [
    markOf(
      example,
      sources,
      found.location,
      found.code,
      [found.message, found.hint ?? ''].join(' | '),
    ),
    ...found.notes.map((note) => markOf(example, sources, note.location, 'note', note.message)),
  ]);
}

function markOf(
  example: LatticeCase,
  sources: SourceTexts,
  location: Location,
  code: string,
  text: string,
): Mark {
  const section = example.sections.find(({ name }) => name === location.file);
  if (section === undefined || !sources.has(location.file)) {
    throw new Error(`a diagnostic points into ${location.file}, which is no source: ${text}`);
  }
  const source = textOf(section);
  const { start, end } = location.span;
  if (start < 0 || end < start || end > source.length)
    throw new Error(`span ${start}-${end} is outside of the file`);
  const before = source.slice(0, start).split('\n');
  const column = (before.at(-1) ?? '').length + 1;
  const lineEnd = source.indexOf('\n', start);
  const width = Math.max(1, Math.min(end, lineEnd === -1 ? source.length : lineEnd) - start);
  return {
    line: section.origins[before.length - 1] ?? section.origins.at(-1) ?? 1,
    column,
    width,
    code,
    text,
  };
}

/** A caret line as one would write it. */
function writeMark(mark: Mark): string {
  const { column, width } = mark;
  const place =
    column > 1
      ? `#${' '.repeat(column - 2)}${'^'.repeat(width)}`
      : width === 1
        ? '#<-'
        : `#1-${width}`;
  return `${place} ${mark.code} ${mark.text}`;
}

/** The case with the given marks instead of its own, to read beside what was expected. */
export function writeCase(source: string, marks: readonly Mark[]): string {
  const lines = source.replace(/\n$/, '').split('\n');
  return lines
    .flatMap((line, index) => [
      ...(markLine.test(line) ? [] : [line]),
      ...marks.filter((mark) => mark.line === index + 1).map(writeMark),
    ])
    .join('\n');
}

/** Whether an expectation is met by a mark. */
export function isMet(expected: Mark, actual: Mark): boolean {
  return (
    expected.line === actual.line &&
    expected.column === actual.column &&
    expected.width === actual.width &&
    expected.code === actual.code &&
    actual.text.includes(expected.text)
  );
}

/** The plan in the words of a case: task ids and their combinations; `[?]` where they are known only later. */
export function planLines(plan: Plan): readonly string[] {
  return [...plan.lattice.electrons.values()].flatMap((electron) => {
    const combinations = plan.combinations.get(electron.id);
    if (combinations === undefined) return [`${electron.id}[?]`];
    if (electron.strategy.matrix === undefined) return [electron.id];
    return combinations.map(
      (values, index) => `${electron.id}[${index}] ${JSON.stringify(values)}`,
    );
  });
}

/** Diagnostics of either kind of answer. */
export function diagnosticsOf(compilation: Compilation): readonly Diagnostic[] {
  return compilation.ok ? compilation.warnings : compilation.diagnostics;
}

/** What stands at a path of the lattice (`a.retry` for electron a, `outputs.x`), in the words of a case. */
export function keyOf(lattice: Lattice, path: string): unknown {
  const [first = '', ...rest] = path.split('.');
  let at: unknown = lattice.electrons.get(first) ?? Reflect.get(lattice, first);
  for (const name of rest) {
    if (at instanceof Map) at = at.get(name);
    else if (typeof at === 'object' && at !== null) at = Reflect.get(at, name);
    else return undefined;
  }
  return plain(at) ?? null;
}

/** Templates as they are written, without their places. */
function plain(value: unknown): unknown {
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]));
  }
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  if ('tree' in value && 'source' in value) return `\${{ ${String(value.source)} }}`;
  if ('kind' in value && 'location' in value) {
    if (value.kind === 'literal' && 'value' in value) return value.value;
    if (value.kind === 'expression' && 'expression' in value) return plain(value.expression);
    if (value.kind === 'text' && 'parts' in value && Array.isArray(value.parts))
      return value.parts.map(plain).join('');
    if (value.kind === 'list' && 'items' in value) return plain(value.items);
    if (value.kind === 'map' && 'entries' in value) return plain(value.entries);
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'location')
      .map(([key, item]) => [key, plain(item)]),
  );
}
