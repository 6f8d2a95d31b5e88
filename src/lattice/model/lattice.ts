/** From the text of a file to a checked lattice, with everything that it uses. */
import { createHash } from 'node:crypto';
import type { Report } from '../diagnose.ts';
import type { Location, Span } from '../diagnostic.ts';
import type { LatticeFiles } from '../files.ts';
import { folderOf, joinPath, stemOf } from '../paths.ts';
import type { Electron, Lattice } from '../plan.ts';
import { LATTICE_SHAPE } from '../schema.ts';
import type { ContextName, ElectronShape, KnownNames, TemplateScope } from '../scope.ts';
import { checkStructure } from '../structure.ts';
import { readYaml, type YamlEntry, type YamlNode } from '../yaml.ts';
import { readElectron, readVariables, variablesOf } from './electron.ts';
import { readImage } from './image.ts';
import { readInputs } from './inputs.ts';
import { orderOf, readNeeds } from './needs.ts';
import { readOutputs } from './outputs.ts';
import { present } from './present.ts';
import {
  fieldsOf,
  itemsOf,
  say,
  templateOf,
  textOf,
  type Field,
  type Fields,
  type Reading,
} from './reading.ts';
import { matrixKeys } from './strategy.ts';
import { leavesFolder } from './work.ts';
import { checkWith } from './sub-lattice.ts';
import { warnOfUnused } from './unused.ts';

/** Nesting of `uses`. */
const MAX_NESTING = 4;

/** A place where one lattice uses another. */
interface Step {
  readonly file: string;
  readonly location: Location;
}

interface Inherited {
  readonly defaults: Fields;
}

/** Reads lattices and what they use, each file once. */
export class LatticeReader {
  /** Every text that was read, by file. */
  readonly sources = new Map<string, string>();
  /** Where the inputs of the main file are declared. */
  inputsSpan: Span | undefined;
  readonly #files: LatticeFiles;
  readonly #report: Report;
  readonly #rejected = new Set<YamlNode>();
  readonly #known = new Map<string, Lattice | undefined>();
  #errors = 0;

  constructor(files: LatticeFiles, report: Report) {
    this.#files = files;
    this.#report = (diagnostic) => {
      if (diagnostic.severity === 'error') this.#errors += 1;
      report(diagnostic);
    };
  }

  /** The lattice, or undefined when an error was reported in it or below. */
  read(file: string, text: string): Lattice | undefined {
    return this.#read(file, text, [], undefined);
  }

  #read(
    file: string,
    text: string,
    steps: readonly Step[],
    inherited: Inherited | undefined,
  ): Lattice | undefined {
    const errors = this.#errors;
    this.sources.set(file, text);
    const root = readYaml(file, text, this.#report);
    if (root === undefined) return undefined;
    for (const node of checkStructure(file, root, LATTICE_SHAPE, this.#report))
      this.#rejected.add(node);
    if (root.kind !== 'map') return undefined;
    const folder = folderOf(file);
    const started: Reading = {
      file,
      folder,
      report: this.#report,
      rejected: this.#rejected,
      fields: new Map(),
      reads: new Set(),
      inputs: new Map(),
    };
    const fields = fieldsOf(started, root);
    const reading: Reading = {
      ...started,
      inputs: readInputs(started, fields.get('inputs')?.value),
    };
    const electrons = entriesOfElectrons(root);
    if (steps.length === 0) this.inputsSpan = fields.get('inputs')?.key.span;
    const lattice = this.#build(reading, fields, electrons, steps, inherited);
    if (this.#errors > errors || lattice === undefined) return undefined;
    warnOfUnused(reading);
    return { ...lattice, digest: createHash('sha256').update(text).digest('hex') };
  }

  #build(
    reading: Reading,
    fields: Fields,
    electrons: readonly YamlEntry[],
    steps: readonly Step[],
    inherited: Inherited | undefined,
  ): Omit<Lattice, 'digest'> | undefined {
    const { inputs } = reading;
    const places = new Map<string, Span>(electrons.map(({ key }) => [key.text, key.span]));
    const needs = readNeeds(reading, electrons);
    const order = orderOf(reading, needs);
    const defaults = fields.has('defaults')
      ? fieldsOf(reading, fields.get('defaults')?.value)
      : (inherited?.defaults ?? new Map<string, Field>());
    const used = this.#used(reading, electrons, defaults, steps);
    const shapes = new Map<string, ElectronShape>(
      electrons.map((entry) => [
        entry.key.text,
        {
          ...shapeOf(used, entry.key.text, reading.file, entry.key.span),
          matrix: keysOfMatrix(reading, entry, defaults),
        },
      ]),
    );
    const scope = (
      place: string,
      contexts: readonly ContextName[],
      names: KnownNames = {},
    ): TemplateScope => ({
      file: reading.file,
      place,
      contexts,
      statusFunctions: false,
      names: { inputs, ...names },
    });
    const image = readImage(reading, fields.get('image'), (place) =>
      scope(place, ['inputs', 'github']),
    );
    const env = readVariables(
      reading,
      fields.get('env'),
      scope('"env"', ['inputs', 'lattice', 'github']),
      true,
    );
    const maxParallel = templateOf(
      reading,
      fields.get('max-parallel'),
      scope('"max-parallel"', ['inputs', 'github']),
    );
    const context = {
      reading,
      files: this.#files,
      defaults,
      shapes,
      places,
      variables: new Set(variablesOf(reading, fields.get('env'))),
      used,
    };
    const built = new Map<string, Electron>();
    for (const entry of electrons) {
      if (this.#rejected.has(entry.value) && entry.value.kind !== 'map') continue;
      const id = entry.key.text;
      const electron = readElectron(context, entry, new Set(needs.get(id)?.keys()));
      if (electron === undefined) continue;
      built.set(id, electron);
      const own = fieldsOf(reading, entry.value);
      const uses = own.get('uses');
      if (uses !== undefined && electron.work.kind === 'uses') {
        const values = own.get('with') ?? defaults.get('with');
        checkWith(reading, electron.work.lattice, uses, values, electron.with);
      }
    }
    const outputScope = scope('"outputs"', ['inputs', 'electrons', 'lattice', 'github'], {
      electrons: shapes,
    });
    const outputs = readOutputs(reading, fields.get('outputs')?.value, outputScope, places);
    const workspace = fields.get('workspace');
    for (const item of itemsOf(reading, workspace?.value)) checkWorkspace(reading, item);
    if (order === undefined) return undefined;
    return {
      name: textOf(fields.get('name')) || stemOf(reading.file),
      ...present({ description: textOf(fields.get('description')), image, maxParallel }),
      file: reading.file,
      folder: reading.folder,
      inputs,
      ...(workspace === undefined
        ? {}
        : {
            workspace: itemsOf(reading, workspace.value).map(
              (item) => textOf({ value: item }) ?? '',
            ),
          }),
      env,
      electrons: new Map(
        order.flatMap((id): [string, Electron][] => {
          const electron = built.get(id);
          return electron === undefined ? [] : [[id, electron]];
        }),
      ),
      outputs,
    };
  }

  /** Reads the lattices behind every `uses`; undefined for those that are wrong. */
  #used(
    reading: Reading,
    electrons: readonly YamlEntry[],
    defaults: Fields,
    steps: readonly Step[],
  ): ReadonlyMap<string, Lattice | undefined> {
    const used = new Map<string, Lattice | undefined>();
    const inherited = {
      defaults: new Map([...defaults].filter(([key]) => !OWN_KEYS.has(key))),
    };
    for (const { key, value } of electrons) {
      const uses = fieldsOf(reading, value).get('uses');
      if (uses !== undefined) used.set(key.text, this.#use(reading, uses, steps, inherited));
    }
    return used;
  }

  #use(
    reading: Reading,
    uses: Field,
    steps: readonly Step[],
    inherited: Inherited,
  ): Lattice | undefined {
    const written = textOf(uses) ?? '';
    const path = joinPath(reading.folder, written);
    const location = { file: reading.file, span: uses.value.span };
    if (written.startsWith('/')) {
      say(reading, 'L505', uses.value, `"${written}" is an absolute path`, {
        hint: 'the path starts at the folder of this file',
      });
      return undefined;
    }
    const stack = [...steps, { file: reading.file, location }];
    const from = stack.findIndex((step) => step.file === path);
    if (from !== -1) {
      this.#cycle(reading, uses, stack.slice(from));
      return undefined;
    }
    if (stack.length > MAX_NESTING) {
      say(reading, 'L504', uses.value, `lattices are nested more than ${MAX_NESTING} deep here`, {
        notes: steps.map((step) => ({
          message: `${step.file} uses the next one`,
          location: step.location,
        })),
      });
      return undefined;
    }
    // Defaults may come from any of the callers.
    const callers = inherited.defaults.size > 0 ? stack.map((step) => step.file) : [];
    const id = JSON.stringify([path, callers]);
    if (this.#known.has(id)) return this.#known.get(id);
    const text = this.#files.read(path);
    if (text === undefined) {
      say(reading, 'L502', uses.value, `there is no lattice ${path}`, {
        hint: 'the path starts at the folder of this file',
      });
      return undefined;
    }
    const lattice = this.#read(path, text, stack, inherited);
    this.#known.set(id, lattice);
    return lattice;
  }

  #cycle(reading: Reading, uses: Field, steps: readonly Step[]): void {
    const files = steps.map(({ file }) => file);
    say(
      reading,
      'L503',
      uses.value,
      `the lattices use each other: ${[...files, files[0]].join(' -> ')}`,
      {
        notes: steps.map(({ file, location }, index) => ({
          message: `${file} uses ${files[(index + 1) % files.length]}`,
          location,
        })),
      },
    );
  }
}

/** Defaults of the caller that a used lattice never has. */
const OWN_KEYS = new Set(['env', 'with', 'strategy', 'name', 'secrets']);

function checkWorkspace(reading: Reading, item: YamlNode): void {
  const glob = textOf({ value: item }) ?? '';
  if (!leavesFolder(glob.replace(/^!/, ''))) return;
  say(reading, 'L412', item, `"${glob}" is not below the folder of the lattice`);
}

function entriesOfElectrons(root: YamlNode & { kind: 'map' }): readonly YamlEntry[] {
  const node = root.entries.find(({ key }) => key.text === 'electrons')?.value;
  return node?.kind === 'map' ? node.entries : [];
}

/** What `each.matrix` and `tasks[0].matrix` of the electron can have; that of a for-each task has its partner's too. */
function keysOfMatrix(
  reading: Reading,
  entry: YamlEntry,
  defaults: Fields,
): ReadonlySet<string> | 'any' {
  if (entry.value.kind !== 'map') return 'any';
  const keys = entry.value.entries.map(({ key }) => key.text);
  if (keys.includes('for-each')) return 'any';
  const own = fieldsOf(reading, entry.value).get('strategy');
  if (own === undefined && keys.includes('strategy')) return 'any';
  return matrixKeys(reading, (own ?? defaults.get('strategy'))?.value);
}

function shapeOf(
  used: ReadonlyMap<string, Lattice | undefined>,
  id: string,
  file: string,
  span: Span,
): ElectronShape {
  const lattice = used.get(id);
  return {
    outputs: lattice === undefined ? 'any' : new Set(lattice.outputs.keys()),
    location: { file, span },
  };
}
