import type { Span } from '../diagnostic.ts';
import type { Electron, FileInput, FileOutputRule, Template } from '../plan.ts';
import type { TemplateScope } from '../scope.ts';
import type { YamlNode } from '../yaml.ts';
import { unknownElectron } from './needs.ts';
import { present } from './present.ts';
import {
  fieldsOf,
  itemsOf,
  say,
  templateOf,
  textOf,
  type Field,
  type Reading,
  written,
} from './reading.ts';
import { leavesFolder } from './work.ts';

/** What `files` of an electron says. */
export type StagedFiles = Pick<Electron, 'filesIn' | 'filesOut' | 'filesNeeds'>;

interface FilesContext {
  readonly reading: Reading;
  readonly field: Field | undefined;
  readonly scope: (place: string) => TemplateScope;
  /** The needs of the electron; undefined when they could not be read. */
  readonly needs: ReadonlySet<string> | undefined;
  readonly electrons: ReadonlyMap<string, Span>;
}

/** Reads `files`. */
export function readStagedFiles(context: FilesContext): StagedFiles {
  const { reading, field } = context;
  const fields = fieldsOf(reading, field?.value, field?.file);
  const file = field?.file ?? reading.file;
  return {
    filesIn: itemsOf(reading, fields.get('in')?.value).flatMap((item) =>
      readIn(context, item, file),
    ),
    filesOut: itemsOf(reading, fields.get('out')?.value).flatMap((item) =>
      readOut(context, item, file),
    ),
    filesNeeds: readNeeded(context, fields.get('needs')),
  };
}

function readIn(context: FilesContext, item: YamlNode, file: string): readonly FileInput[] {
  const { reading, scope } = context;
  const location = { file, span: item.span };
  const fields = fieldsOf(reading, item, file);
  const place = scope('"files.in"');
  const from = templateOf(
    reading,
    item.kind === 'map' ? fields.get('from') : { value: item, file },
    place,
  );
  if (from === undefined) return [];
  const sha256 = templateOf(reading, fields.get('sha256'), place);
  checkAddress(reading, from, sha256 !== undefined || fields.has('sha256'));
  const to = templateOf(reading, fields.get('to'), place);
  if (to !== undefined) checkGlob(reading, to);
  return [
    {
      from,
      ...present({ to, sha256 }),
      optional: textOf(fields.get('optional')) === 'true',
      location,
    },
  ];
}

/** Text before the first expression decides the kind of an address. */
function checkAddress(reading: Reading, from: Template, hasDigest: boolean): void {
  const text = startOf(from);
  const place = { file: from.location.file, span: from.location.span };
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    if (leavesFolder(text)) {
      say(reading, 'L412', place, `"${text}" is not below the folder of the lattice`);
    }
  } else if (scheme === 'https') {
    if (!hasDigest) {
      say(
        reading,
        'L217',
        place,
        'a file from the web has no "sha256", so another one could be put in its place',
        {
          hint: 'write {from: https://…, sha256: …}; `sha256sum` prints it',
        },
      );
    }
  } else if (scheme !== 's3') {
    const hint = scheme === 'http' ? 'did you mean "https://"?' : 'a path, s3://… or https://…';
    say(reading, 'L217', place, `files cannot come from ${scheme}://`, { hint });
  } else if (from.kind === 'literal' && !/^s3:\/\/[^/]+\/./.test(text)) {
    say(reading, 'L217', place, `"${text}" names no object in S3`, {
      hint: 's3://bucket/key, or s3://bucket/prefix/',
    });
  }
}

/** What is known of a text before it is rendered. */
export function startOf(template: Template): string {
  if (template.kind === 'literal') return written(template);
  const first = template.kind === 'text' ? template.parts[0] : undefined;
  return typeof first === 'string' ? first : '';
}

function readOut(context: FilesContext, item: YamlNode, file: string): readonly FileOutputRule[] {
  const { reading, scope } = context;
  const place = scope('"files.out"');
  if (item.kind !== 'map') {
    const glob = templateOf(reading, { value: item, file }, place);
    if (glob === undefined) return [];
    checkGlob(reading, glob);
    return [{ glob }];
  }
  const fields = fieldsOf(reading, item, file);
  const from = templateOf(reading, fields.get('from'), place);
  const to = templateOf(reading, fields.get('to'), place);
  if (from === undefined || to === undefined) return [];
  checkGlob(reading, from);
  const address = startOf(to);
  if (to.kind !== 'expression' && !address.startsWith('s3://')) {
    say(reading, 'L217', { file, span: to.location.span }, `"${address}" is no address in S3`, {
      hint: 's3://bucket/prefix/; what stays with the run needs no "to"',
    });
  }
  return [{ from, to }];
}

/** A glob or path that is written out stays below the folder it starts at. */
export function checkGlob(
  reading: Reading,
  glob: Template,
  folder = 'the working directory',
): void {
  const text = startOf(glob);
  if (leavesFolder(text)) {
    say(reading, 'L412', glob.location, `"${text}" is not below ${folder}`);
  }
}

function readNeeded(context: FilesContext, field: Field | undefined): Electron['filesNeeds'] {
  const { reading, scope } = context;
  if (field?.value.kind !== 'map') {
    return { rest: textOf(field) === 'none' ? 'none' : 'all', only: new Map() };
  }
  const only = new Map<string, readonly Template[]>();
  for (const [name, { key, value, file }] of fieldsOf(reading, field.value, field.file)) {
    if (context.needs !== undefined && !context.needs.has(name)) {
      foreign(context, name, key.span, file);
      continue;
    }
    const globs = itemsOf(reading, value)
      .map((item) => templateOf(reading, { value: item, file }, scope('"files.needs"')))
      .filter((glob) => glob !== undefined);
    globs.forEach((glob) => checkGlob(reading, glob));
    only.set(name, globs);
  }
  return { rest: 'all', only };
}

function foreign(
  { reading, electrons }: FilesContext,
  name: string,
  span: Span,
  file: string,
): void {
  const place = electrons.get(name);
  if (place === undefined) {
    unknownElectron(reading, span, `there is no electron "${name}"`, name, electrons);
    return;
  }
  say(reading, 'L308', { file, span }, `"${name}" is not among the needs of this electron`, {
    hint: `add it: needs: [${name}]`,
    notes: [
      { message: `"${name}" is defined here`, location: { file: reading.file, span: place } },
    ],
  });
}
