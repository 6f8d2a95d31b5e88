import type { Span } from '../diagnostic.ts';
import type { LatticeOutput } from '../plan.ts';
import { ACTION_OUTPUTS } from '../schema.ts';
import type { TemplateScope } from '../scope.ts';
import type { YamlNode } from '../yaml.ts';
import { unknownElectron } from './needs.ts';
import {
  at,
  entriesOf,
  fieldsOf,
  itemsOf,
  say,
  templateOf,
  textOf,
  type Reading,
} from './reading.ts';
import { checkGlob } from './staged-files.ts';

/** The outputs of a lattice. */
export function readOutputs(
  reading: Reading,
  node: YamlNode | undefined,
  scope: TemplateScope,
  electrons: ReadonlyMap<string, Span>,
): ReadonlyMap<string, LatticeOutput> {
  const outputs = new Map<string, LatticeOutput>();
  for (const { key, value } of entriesOf(reading, node)) {
    const location = at(reading, key.span);
    // Names of outputs ignore case in workflows.
    if (ACTION_OUTPUTS.includes(key.text.toLowerCase())) {
      say(reading, 'L213', key, `"${key.text}" is an output that the action always sets`, {
        hint: `choose another name, for example "${key.text}-value"`,
      });
    }
    if (value.kind === 'map') {
      const output = readFiles(reading, value, scope, electrons);
      if (output !== undefined) outputs.set(key.text, { ...output, location });
    } else {
      const template = templateOf(reading, { value }, scope);
      if (template !== undefined)
        outputs.set(key.text, { kind: 'value', value: template, location });
    }
  }
  return outputs;
}

function readFiles(
  reading: Reading,
  node: YamlNode,
  scope: TemplateScope,
  electrons: ReadonlyMap<string, Span>,
): Omit<LatticeOutput & { kind: 'files' }, 'location'> | undefined {
  const fields = fieldsOf(reading, node);
  const electron = fields.get('electron');
  const name = textOf(electron);
  if (electron === undefined || name === undefined) return undefined;
  if (!electrons.has(name)) {
    unknownElectron(
      reading,
      electron.value.span,
      `there is no electron "${name}"`,
      name,
      electrons,
    );
    return undefined;
  }
  const files = itemsOf(reading, fields.get('files')?.value)
    .map((item) => templateOf(reading, { value: item }, scope))
    .filter((glob) => glob !== undefined);
  files.forEach((glob) => checkGlob(reading, glob));
  return { kind: 'files', electron: name, files };
}
