import type { Span } from '../diagnostic.ts';
import type { LatticeFiles } from '../files.ts';
import type { Electron, Lattice, Template } from '../plan.ts';
import { ELECTRON_KEYS } from '../schema.ts';
import type { ContextName, ElectronShape, KnownNames, TemplateScope } from '../scope.ts';
import { parseCondition } from '../template.ts';
import type { YamlEntry } from '../yaml.ts';
import { warnOfInjection } from './injection.ts';
import { present } from './present.ts';
import {
  fieldsOf,
  itemsOf,
  literal,
  noteExpression,
  say,
  templateOf,
  textOf,
  type Field,
  type Fields,
  type Reading,
  written,
} from './reading.ts';
import { readResources } from './resources.ts';
import { readRetry } from './retry.ts';
import { checkGlob, readStagedFiles, startOf } from './staged-files.ts';
import { matrixKeys, readStrategy } from './strategy.ts';
import { readWork, workKeyOf } from './work.ts';

/** What the electrons of a lattice have in common. */
export interface ElectronsContext {
  readonly reading: Reading;
  readonly files: LatticeFiles;
  /** Of this lattice, or of the one that uses it. */
  readonly defaults: Fields;
  readonly shapes: ReadonlyMap<string, ElectronShape>;
  readonly places: ReadonlyMap<string, Span>;
  /** Names of the lattice's own `env`. */
  readonly variables: ReadonlySet<string>;
  /** The lattices behind `uses`, by electron. */
  readonly used: ReadonlyMap<string, Lattice | undefined>;
}

/** Contexts of what is rendered once per task. */
const TASK: readonly ContextName[] = [
  'inputs',
  'env',
  'matrix',
  'strategy',
  'needs',
  'each',
  'lattice',
  'github',
];
/** Contexts of what is decided before the tasks are known. */
const BEFORE: readonly ContextName[] = ['inputs', 'needs', 'lattice', 'github'];
/** A matrix may be expanded before the run has an id. */
const MATRIX: readonly ContextName[] = ['inputs', 'needs', 'each', 'github'];

/** One electron; undefined when something in it is wrong, which has then been reported. */
export function readElectron(
  context: ElectronsContext,
  entry: YamlEntry,
  needs: ReadonlySet<string>,
): Electron | undefined {
  const { reading } = context;
  const id = entry.key.text;
  const location = { file: reading.file, span: entry.key.span };
  const kind = workKeyOf(reading, entry.value);
  checkCompany(reading, entry, kind);
  const fields = withDefaults(reading, fieldsOf(reading, entry.value), context.defaults, kind);
  const scopes = scopesOf(context, entry, fields, needs);
  const { task } = scopes;
  const one = (key: string): Template | undefined =>
    templateOf(reading, fields.get(key), task(`"${key}"`));
  const partner = textOf(fields.get('for-each'));
  const condition = readCondition(reading, fields.get('if'), scopes.condition);
  const strategy = readStrategy(reading, fields.get('strategy'), scopes);
  const work = readWork({
    reading,
    files: context.files,
    kind,
    fields,
    scope: task,
    used: context.used.get(id),
  });
  const setup = one('setup');
  const cleanup = one('cleanup');
  for (const script of [setup, cleanup]) if (script !== undefined) warnOfInjection(reading, script);
  checkVariables(reading, fields);
  const electron: Omit<Electron, 'work'> = {
    id,
    location,
    needs: [...needs],
    ...(partner === undefined ? {} : { forEach: partner }),
    ...(condition === undefined ? {} : { condition: condition.expression }),
    conditionReadsStatus: condition?.readsStatus ?? false,
    strategy,
    ...present({
      name: one('name'),
      with: templateOf(reading, fields.get('with'), task('"with"'), kind === 'uses'),
      setup,
      cleanup,
      shell: work?.kind === 'run' ? work.shell : undefined,
    }),
    env: readVariables(reading, fields.get('env'), scopes.env, true),
    secrets: readSecrets(reading, fields.get('secrets'), task('"secrets"')),
    ...readStagedFiles({
      reading,
      field: fields.get('files'),
      scope: task,
      needs: needsAreKnown(reading, entry) ? needs : undefined,
      electrons: context.places,
    }),
    ...readResources(reading, fields, task),
    junit: readJunit(reading, fields.get('reports'), task('"junit"')),
    timeoutMinutes: one('timeout-minutes') ?? literal(360, location),
    retry: readRetry(reading, fields.get('retry'), task, location),
    continueOnError: one('continue-on-error') ?? literal(false, location),
    cache: readCache(reading, fields.get('cache'), task('"cache"'), location),
    ...present({
      checkpointEveryMinutes: readCheckpoint(reading, fields.get('checkpoint'), task),
      outputs: readDeclaredOutputs(reading, fields.get('outputs')),
    }),
  };
  return work === undefined ? undefined : { ...electron, work };
}

/** Keys that would be ignored silently beside the electron's kind of work. */
function checkCompany(reading: Reading, entry: YamlEntry, kind: string | undefined): void {
  if (entry.value.kind !== 'map') return;
  const isComplete = entry.value.entries.every(({ key }) => Object.hasOwn(ELECTRON_KEYS, key.text));
  for (const { key } of entry.value.entries) {
    const schema = Object.hasOwn(ELECTRON_KEYS, key.text) ? ELECTRON_KEYS[key.text] : undefined;
    if (schema === undefined || key.text === kind) continue;
    if (kind === 'uses' && !schema.withUses && !isWork(key.text)) {
      say(reading, 'L209', key, `"${key.text}" has no meaning beside "uses"`, {
        hint: 'set it in the lattice that is used',
      });
    } else if (key.text === 'shell' && kind !== 'run' && (kind !== undefined || isComplete)) {
      say(reading, 'L209', key, '"shell" has no meaning without "run"');
    }
  }
}

function isWork(key: string): boolean {
  return key === 'run' || key === 'command' || key === 'call' || key === 'uses';
}

/** The electron's own keys over the defaults; `env` and `secrets` name by name. */
function withDefaults(
  reading: Reading,
  own: Fields,
  defaults: Fields,
  kind: string | undefined,
): Fields {
  const fields = new Map<string, Field>();
  for (const [key, field] of defaults) {
    const isUseless =
      kind === 'uses' ? !ELECTRON_KEYS[key]?.withUses : key === 'shell' && kind !== 'run';
    if (!isUseless) fields.set(key, field);
  }
  for (const [key, field] of own) {
    const below = fields.get(key);
    const isMerged = key === 'env' || key === 'secrets';
    fields.set(key, isMerged && below !== undefined ? merged(reading, below, field) : field);
  }
  return fields;
}

/** Both mappings as one; only their place in the electron's file is kept. */
function merged(reading: Reading, below: Field, above: Field): Field {
  if (above.value.kind !== 'map' || below.value.kind !== 'map' || above.file !== below.file)
    return above;
  const own = new Set(above.value.entries.map(({ key }) => key.text));
  const inherited = below.value.entries.filter(
    ({ key, value }) => !own.has(key.text) && !reading.rejected.has(value),
  );
  return { ...above, value: { ...above.value, entries: [...inherited, ...above.value.entries] } };
}

interface Scopes {
  readonly task: (place: string) => TemplateScope;
  readonly limits: (place: string) => TemplateScope;
  readonly condition: TemplateScope;
  readonly matrix: TemplateScope;
  readonly env: TemplateScope;
}

function scopesOf(
  context: ElectronsContext,
  entry: YamlEntry,
  fields: Fields,
  needs: ReadonlySet<string>,
): Scopes {
  const { reading, shapes } = context;
  const partner = textOf(fields.get('for-each'));
  const each = partner === undefined ? undefined : shapes.get(partner);
  const isChain = fields.has('for-each') || hasKey(entry, 'for-each');
  const variables = variablesOf(reading, fields.get('env'));
  const names: KnownNames = {
    inputs: reading.inputs,
    env: new Set([...context.variables, ...variables]),
    matrix:
      hasKey(entry, 'strategy') && !fields.has('strategy')
        ? 'any'
        : matrixKeys(reading, fields.get('strategy')?.value),
    electrons: shapes,
    ...(each === undefined ? {} : { each }),
    ...(needsAreKnown(reading, entry) ? { needs: knownNeeds(reading, entry, needs, shapes) } : {}),
  };
  const scope = (
    place: string,
    contexts: readonly ContextName[],
    statusFunctions = false,
  ): TemplateScope => ({
    file: reading.file,
    place,
    contexts: isChain ? contexts : contexts.filter((name) => name !== 'each'),
    statusFunctions,
    names,
  });
  const withoutEnv = TASK.filter((name) => name !== 'env');
  return {
    task: (place) => scope(place, TASK),
    limits: (place) => scope(place, BEFORE),
    // Asked for each task of a for-each electron, when its partner has ended.
    condition: scope('"if"', [...BEFORE, 'each'], true),
    matrix: scope('"matrix"', MATRIX),
    env: {
      ...scope('"env"', context.variables.size > 0 ? TASK : withoutEnv),
      names: { ...names, env: context.variables },
    },
  };
}

function hasKey(entry: YamlEntry, name: string): boolean {
  return entry.value.kind === 'map' && entry.value.entries.some(({ key }) => key.text === name);
}

/** False when `needs` is there but could not be read: then nothing is said about what is missing from it. */
function needsAreKnown(reading: Reading, entry: YamlEntry): boolean {
  const fields = fieldsOf(reading, entry.value);
  return ['needs', 'for-each'].every((key) => {
    if (hasKey(entry, key) && !fields.has(key)) return false;
    const node = fields.get(key)?.value;
    return node?.kind !== 'list' || node.items.every((item) => !reading.rejected.has(item));
  });
}

/** Needs with a wrong name have been reported once; what reads them is not reported again. */
function knownNeeds(
  reading: Reading,
  entry: YamlEntry,
  needs: ReadonlySet<string>,
  shapes: ReadonlyMap<string, ElectronShape>,
): ReadonlyMap<string, ElectronShape> {
  const known = new Map<string, ElectronShape>();
  const fields = fieldsOf(reading, entry.value);
  for (const item of itemsOf(reading, fields.get('needs')?.value)) {
    known.set(textOf({ value: item }) ?? '', { outputs: 'any' });
  }
  for (const id of needs) known.set(id, shapes.get(id) ?? { outputs: 'any' });
  return known;
}

/** Names of the variables of an `env`. */
export function variablesOf(reading: Reading, field: Field | undefined): readonly string[] {
  return [...fieldsOf(reading, field?.value).keys()];
}

function readCondition(
  reading: Reading,
  field: Field | undefined,
  scope: TemplateScope,
): ReturnType<typeof parseCondition> {
  if (field === undefined) return undefined;
  const condition = parseCondition(field.value, scope, reading.report);
  if (condition !== undefined) noteExpression(reading, condition.expression, scope.place, false);
  return condition;
}

/** A variable has one value; ECS too refuses a name that is both. */
function checkVariables(reading: Reading, fields: Fields): void {
  const [env, secrets] = [fields.get('env'), fields.get('secrets')];
  const variables = fieldsOf(reading, env?.value, env?.file);
  for (const [name, { key, file }] of fieldsOf(reading, secrets?.value, secrets?.file)) {
    const variable = variables.get(name);
    if (variable === undefined) continue;
    say(reading, 'L209', { file, span: key.span }, `"${name}" is also in "env"`, {
      hint: 'a variable is either set here or taken from a secret',
      notes: [
        {
          message: `"${name}" is set here`,
          location: { file: variable.file, span: variable.key.span },
        },
      ],
    });
  }
}

/** `env` of a lattice or an electron. */
export function readVariables(
  reading: Reading,
  field: Field | undefined,
  scope: TemplateScope,
  secretsAllowed: boolean,
): ReadonlyMap<string, Template> {
  const variables = new Map<string, Template>();
  for (const [name, variable] of fieldsOf(reading, field?.value, field?.file)) {
    const template = templateOf(reading, variable, scope, secretsAllowed);
    if (template !== undefined) variables.set(name, template);
  }
  return variables;
}

/** ARNs have colons of their own; names of parameters have slashes. */
const secretAddress = /^(secretsmanager:[^\s#]+(#[^\s#]+)?|ssm:[^\s#]+)$/;

/** Of an address with expressions in it, the start is known only. */
function isSecretAddress(template: Template): boolean {
  if (template.kind === 'literal') return secretAddress.test(written(template));
  const start = startOf(template);
  return ['secretsmanager:', 'ssm:'].some(
    (kind) => start.startsWith(kind) || kind.startsWith(start),
  );
}

function readSecrets(
  reading: Reading,
  field: Field | undefined,
  scope: TemplateScope,
): ReadonlyMap<string, Template> {
  const secrets = readVariables(reading, field, scope, false);
  for (const template of secrets.values()) {
    if (isSecretAddress(template)) continue;
    say(reading, 'L215', template.location, 'this is no address of a secret', {
      hint: 'secretsmanager:<name or ARN>[#json-key] or ssm:<name or ARN>',
    });
  }
  return secrets;
}

function readJunit(
  reading: Reading,
  field: Field | undefined,
  scope: TemplateScope,
): readonly Template[] {
  const junit = fieldsOf(reading, field?.value, field?.file).get('junit');
  const globs = itemsOf(reading, junit?.value)
    .map((value) => templateOf(reading, { value, file: junit?.file ?? reading.file }, scope))
    .filter((glob) => glob !== undefined);
  globs.forEach((glob) => checkGlob(reading, glob));
  return globs;
}

function readCheckpoint(
  reading: Reading,
  field: Field | undefined,
  scope: (place: string) => TemplateScope,
): Template | undefined {
  const every = fieldsOf(reading, field?.value, field?.file).get('every-minutes');
  return templateOf(reading, every, scope('"every-minutes"'));
}

function readCache(
  reading: Reading,
  field: Field | undefined,
  scope: TemplateScope,
  location: Electron['location'],
): Electron['cache'] {
  if (field?.value.kind !== 'map') {
    return { enabled: templateOf(reading, field, scope) ?? literal(false, location) };
  }
  const fields = fieldsOf(reading, field.value, field.file);
  const files = fields.get('files');
  const globs = itemsOf(reading, files?.value)
    .map((value) => templateOf(reading, { value, file: field.file }, scope))
    .filter((glob) => glob !== undefined);
  globs.forEach((glob) => checkGlob(reading, glob));
  return {
    enabled: literal(true, { file: field.file, span: field.key.span }),
    ...present({ key: templateOf(reading, fields.get('key'), scope) }),
    ...(files === undefined ? {} : { files: globs }),
  };
}

function readDeclaredOutputs(
  reading: Reading,
  field: Field | undefined,
): ReadonlyMap<string, string> | undefined {
  if (field === undefined) return undefined;
  const fields = [...fieldsOf(reading, field.value)];
  return new Map(fields.map(([name, output]) => [name, textOf(output) ?? '']));
}
