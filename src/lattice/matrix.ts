/** From a matrix as written to its combinations, once what it reads is known. */
import type { Json, JsonObject } from '../base/json.ts';
import { isJsonObject } from '../base/json.ts';
import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import { combine, MAX_COMBINATIONS } from './combinations.ts';
import { diagnose } from './diagnose.ts';
import type { Diagnostic, Location } from './diagnostic.ts';
import type {
  Combination,
  Contexts,
  Dimension,
  DimensionSource,
  Electron,
  Lattice,
  Matrix,
  Template,
} from './plan.ts';
import { didYouMean } from './suggest.ts';
import { render, renderString } from './template.ts';

/**
 * The electron's own combinations in matrix order; `[{}]` without a matrix, none for an empty list. `data` holds the
 * values of the dimensions that {@link dimensionSources} named.
 */
export function expandMatrix(
  electron: Electron,
  contexts: Contexts,
  data: ReadonlyMap<string, readonly Json[]>,
): Result<readonly Combination[], Diagnostic> {
  const { matrix } = electron.strategy;
  if (matrix === undefined) return ok([{}]);
  return attempt(() => {
    const written =
      matrix.whole === undefined
        ? writtenMatrix(matrix, contexts, data)
        : wholeMatrix(matrix.whole, contexts);
    const { dimensions, exclude, include } = written;
    checkExclude(dimensions, exclude);
    const found = combine({ dimensions, include: include.entries, exclude: exclude.entries });
    if (typeof found === 'number') {
      const sizes = [...dimensions].map(([key, values]) => `${key}: ${values.length}`).join(', ');
      throw new Wrong(
        diagnose(
          'L404',
          matrix.location,
          `the matrix has ${found} combinations, and ${MAX_COMBINATIONS} is the most (${sizes})`,
          { hint: 'put several values into one task: ${{ chunk(list, size) }}' },
        ),
      );
    }
    return found;
  });
}

/** What the dimensions that stand outside the lattice are to be read from, by key. */
export function dimensionSources(
  lattice: Lattice,
  electron: Electron,
  contexts: Contexts,
): Result<ReadonlyMap<string, DimensionSource>, Diagnostic> {
  return attempt(() => {
    const sources = new Map<string, DimensionSource>();
    for (const [key, dimension] of electron.strategy.matrix?.dimensions ?? []) {
      const source = sourceOf(dimension, lattice.folder, contexts);
      if (source !== undefined) sources.set(key, source);
    }
    return sources;
  });
}

function sourceOf(
  dimension: Dimension,
  folder: string,
  contexts: Contexts,
): DimensionSource | undefined {
  const filled = (template: Template, what: string): string => {
    const value = unwrap(renderString(template, contexts));
    if (value !== '') return value;
    throw new Wrong(diagnose('L211', template.location, `${what} is empty`));
  };
  switch (dimension.kind) {
    case 'values':
      return undefined;
    case 'file':
      return { kind: 'file', folder, path: filled(dimension.path, 'the path') };
    case 'glob':
      return { kind: 'glob', folder, pattern: filled(dimension.pattern, 'the glob') };
    case 's3': {
      const uri = filled(dimension.uri, 'the address');
      if (!/^s3:\/\/[^/]+/.test(uri)) {
        throw new Wrong(
          diagnose('L217', dimension.uri.location, `"${uri}" is no address in S3`, {
            hint: 's3://bucket/prefix/',
          }),
        );
      }
      const perTask = dimension.perTask && wholeNumber(dimension.perTask, contexts);
      return {
        kind: 's3',
        uri,
        ...(dimension.match && { match: filled(dimension.match, 'the glob') }),
        ...(perTask === undefined ? {} : { perTask }),
      };
    }
  }
}

function wholeNumber(template: Template, contexts: Contexts): number {
  const value = unwrap(render(template, contexts));
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= 1) return number;
  throw new Wrong(
    diagnose(
      'L402',
      template.location,
      `per-task takes a whole number of at least 1, not ${JSON.stringify(value)}`,
    ),
  );
}

/** Entries of `include` or `exclude`, and where mistakes in them are to be shown. */
interface Entries {
  readonly entries: readonly JsonObject[];
  readonly locationOf: (index: number) => Location;
}

interface Written {
  readonly dimensions: ReadonlyMap<string, readonly Json[]>;
  readonly include: Entries;
  readonly exclude: Entries;
}

function writtenMatrix(
  matrix: Matrix,
  contexts: Contexts,
  data: ReadonlyMap<string, readonly Json[]>,
): Written {
  const dimensions = new Map<string, readonly Json[]>();
  for (const [key, dimension] of matrix.dimensions) {
    if (dimension.kind === 'values') {
      const value = unwrap(render(dimension.values, contexts));
      dimensions.set(key, listOf(key, value, dimension.values.location));
    } else {
      const values = data.get(key);
      if (values === undefined) throw new Error(`Internal error: no values for matrix key ${key}`);
      dimensions.set(key, values);
    }
  }
  const entriesOf = (name: string, template: Template | undefined): Entries => {
    if (template === undefined) return NO_ENTRIES;
    const value = unwrap(render(template, contexts));
    const locationOf = (index: number): Location =>
      (template.kind === 'list' ? template.items[index] : undefined)?.location ?? template.location;
    return { entries: mappings(name, value, locationOf, template.location), locationOf };
  };
  return {
    dimensions,
    include: entriesOf('include', matrix.include),
    exclude: entriesOf('exclude', matrix.exclude),
  };
}

const NO_ENTRIES: Entries = {
  entries: [],
  locationOf: () => {
    throw new Error('Internal error: there are no entries to show');
  },
};

/** A matrix that is one expression: a mapping of lists, with `include` and `exclude` as if they had been written. */
function wholeMatrix(template: Template, contexts: Contexts): Written {
  const { location } = template;
  const value = unwrap(render(template, contexts));
  if (!isJsonObject(value)) {
    throw new Wrong(
      diagnose(
        value === null ? 'L411' : 'L405',
        location,
        `the matrix came out as ${inWords(value)}, not as a mapping of lists`,
        {
          hint: Array.isArray(value)
            ? 'a list of combinations goes under include: matrix: { include: ${{ … }} }'
            : hintFor(value),
        },
      ),
    );
  }
  const dimensions = new Map<string, readonly Json[]>();
  for (const [key, values] of Object.entries(value)) {
    if (key !== 'include' && key !== 'exclude') dimensions.set(key, listOf(key, values, location));
  }
  const locationOf = (): Location => location;
  const entriesOf = (name: 'include' | 'exclude'): Entries => ({
    entries: Object.hasOwn(value, name)
      ? mappings(name, value[name] ?? null, locationOf, location)
      : [],
    locationOf,
  });
  return { dimensions, include: entriesOf('include'), exclude: entriesOf('exclude') };
}

function listOf(key: string, value: Json, location: Location): readonly Json[] {
  if (Array.isArray(value)) return value as readonly Json[];
  throw new Wrong(
    diagnose('L411', location, `matrix key "${key}" came out as ${inWords(value)}, not as a list`, {
      hint: hintFor(value),
    }),
  );
}

/** What to do about a value that should have been a list or mapping. */
function hintFor(value: Json): string | undefined {
  if (value === null) return 'did the electron set this output? an output that nobody set is null';
  if (typeof value === 'string') return 'a text that holds JSON is read by ${{ fromJSON(…) }}';
  return undefined;
}

function mappings(
  name: string,
  value: Json,
  locationOf: (index: number) => Location,
  whole: Location,
): readonly JsonObject[] {
  if (!Array.isArray(value)) {
    throw new Wrong(
      diagnose(
        value === null ? 'L411' : 'L405',
        whole,
        `${name} came out as ${inWords(value)}, not as a list of mappings`,
        {
          hint: hintFor(value),
        },
      ),
    );
  }
  return (value as readonly Json[]).map((entry, index) => {
    const keys = isJsonObject(entry) ? Object.keys(entry).length : 0;
    if (isJsonObject(entry) && keys > 0) return entry;
    const what = isJsonObject(entry) ? 'an empty mapping' : inWords(entry);
    throw new Wrong(
      diagnose(
        'L405',
        locationOf(index),
        `entry ${index + 1} of ${name} is ${what}, not a mapping of keys to values`,
      ),
    );
  });
}

/** As in workflows: a filter that can never meet anything is a mistake. */
function checkExclude(dimensions: ReadonlyMap<string, readonly Json[]>, exclude: Entries): void {
  exclude.entries.forEach((entry, index) => {
    for (const key of Object.keys(entry)) {
      if (dimensions.has(key)) continue;
      throw new Wrong(
        diagnose(
          'L405',
          exclude.locationOf(index),
          `exclude names "${key}", which is no key of the matrix`,
          { hint: didYouMean(key, dimensions.keys()) },
        ),
      );
    }
  });
}

function inWords(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** Carries a diagnostic to the door of this file. */
class Wrong extends Error {
  readonly diagnostic: Diagnostic;
  constructor(diagnostic: Diagnostic) {
    super(diagnostic.message);
    this.diagnostic = diagnostic;
  }
}

function unwrap<Value>(result: Result<Value, Diagnostic>): Value {
  if (result.ok) return result.value;
  throw new Wrong(result.error);
}

function attempt<Value>(work: () => Value): Result<Value, Diagnostic> {
  try {
    return ok(work());
  } catch (error) {
    if (error instanceof Wrong) return err(error.diagnostic);
    throw error;
  }
}
