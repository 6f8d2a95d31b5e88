import { didYouMean } from '../suggest.ts';
import type { Location } from '../diagnostic.ts';
import type { Lattice, Template, Work } from '../plan.ts';
import type { TemplateScope } from '../scope.ts';
import type { LatticeFiles } from '../files.ts';
import type { YamlNode } from '../yaml.ts';
import { joinPath } from '../paths.ts';
import { present } from './present.ts';
import {
  at,
  say,
  templateOf,
  textOf,
  type Field,
  type Fields,
  type Reading,
  written,
} from './reading.ts';
import { warnOfInjection } from './injection.ts';

/** The keys of which an electron has at most one. */
export const WORK_KEYS = ['run', 'command', 'call', 'uses'] as const;
type WorkKey = (typeof WORK_KEYS)[number];

/** The kind of work as written, right or wrong; a second kind is reported. */
export function workKeyOf(reading: Reading, node: YamlNode): WorkKey | undefined {
  if (node.kind !== 'map') return undefined;
  const given = node.entries.flatMap(({ key }) => {
    const kind = WORK_KEYS.find((name) => name === key.text);
    return kind === undefined ? [] : [{ kind, key }];
  });
  const [first, ...others] = given;
  for (const other of others) {
    say(
      reading,
      'L208',
      other.key,
      `an electron has one kind of work, and "${other.kind}" is another one`,
      {
        notes: [
          {
            message: `"${first?.kind}" is here`,
            location: at(reading, first?.key.span ?? other.key.span),
          },
        ],
      },
    );
  }
  return first?.kind;
}

/** What the tasks of an electron do. */
export function readWork(context: {
  reading: Reading;
  files: LatticeFiles;
  kind: WorkKey | undefined;
  fields: Fields;
  scope: (place: string) => TemplateScope;
  used: Lattice | undefined;
}): Work | undefined {
  const { reading, kind, fields, scope } = context;
  if (kind === undefined) return { kind: 'image' };
  const field = fields.get(kind);
  if (field === undefined) return undefined;
  const location: Location = { file: field.file, span: field.value.span };
  switch (kind) {
    case 'run': {
      const script = templateOf(reading, field, scope('"run"'));
      if (script === undefined) return undefined;
      warnOfInjection(reading, script);
      return {
        kind,
        script,
        ...present({ shell: readShell(reading, fields.get('shell'), scope) }),
      };
    }
    case 'command': {
      const words = templateOf(reading, field, scope('"command"'));
      return words === undefined ? undefined : { kind, words };
    }
    case 'call':
      return readCall(reading, context.files, field);
    case 'uses':
      return context.used === undefined ? undefined : { kind, lattice: context.used, location };
  }
}

const shells = ['bash', 'sh', 'python'];

/** A shell by name, or a command line with a place for the script. */
export function readShell(
  reading: Reading,
  field: Field | undefined,
  scope: (place: string) => TemplateScope,
): Template | undefined {
  const shell = templateOf(reading, field, scope('"shell"'));
  if (shell?.kind === 'literal') {
    const text = written(shell);
    if (!shells.includes(text) && !text.includes('{0}')) {
      say(
        reading,
        'L218',
        { file: shell.location.file, span: shell.location.span },
        `"${text}" is no shell that is known here`,
        {
          hint:
            didYouMean(text, shells) ??
            `bash, sh, python, or a command with {0} for the script: ${text} {0}`,
        },
      );
    }
  }
  return shell;
}

function readCall(reading: Reading, files: LatticeFiles, field: Field): Work | undefined {
  const { value } = field;
  if (value.kind !== 'scalar') return undefined;
  const text = textOf(field) ?? '';
  const colon = text.lastIndexOf(':');
  const file = text.slice(0, Math.max(colon, 0));
  const name = text.slice(colon + 1);
  const language = file.endsWith('.py')
    ? 'python'
    : /\.(mjs|js|cjs)$/.test(file)
      ? 'node'
      : undefined;
  if (colon < 1 || language === undefined || !/^[A-Za-z_$][\w$]*$/.test(name)) {
    say(reading, 'L216', value, `"${text}" names no function in a file`, {
      hint: 'file.py:function or file.mjs:function',
    });
    return undefined;
  }
  const span = value.spanOf(0, colon);
  if (leavesFolder(file)) {
    say(reading, 'L505', { span }, `"${file}" is not below the folder of the lattice`, {
      hint: 'only what is in the workspace is there when a task runs',
    });
    return undefined;
  }
  const path = joinPath(reading.folder, file);
  if (!files.exists(path)) {
    say(reading, 'L501', { span }, `there is no file ${path}`, {
      hint: 'the path starts at the folder of the lattice file',
    });
    return undefined;
  }
  return { kind: 'call', file, function: name, language, location: at(reading, value.span) };
}

/** Absolute, or climbing out. */
export function leavesFolder(path: string): boolean {
  return path.startsWith('/') || joinPath('.', path).startsWith('..');
}
