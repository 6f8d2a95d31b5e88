/** Binds given values to the inputs that a lattice declares. */
import type { Json, JsonObject } from '../base/json.ts';
import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import { diagnose } from './diagnose.ts';
import type { Diagnostic, Location } from './diagnostic.ts';
import { numberText } from './expression/values.ts';
import type { InputDeclaration, Lattice } from './plan.ts';
import { didYouMean } from './suggest.ts';

/** Values by input, secrets apart so that they never enter a context that is stored. */
export interface BoundInputs {
  readonly inputs: JsonObject;
  readonly secrets: Readonly<Record<string, string>>;
}

/**
 * Coerces every value to its declared type and fills in defaults; tells all mistakes at once. `at` is where the values
 * stand when they come from a lattice (`with` of `uses`); otherwise mistakes are shown at the declaration.
 */
export function bindInputs(
  lattice: Lattice,
  values: JsonObject,
  at?: Location,
): Result<BoundInputs, readonly Diagnostic[]> {
  const diagnostics: Diagnostic[] = [];
  const inputs: [string, Json][] = [];
  const secrets: [string, string][] = [];
  for (const name of Object.keys(values)) {
    if (lattice.inputs.has(name)) continue;
    const location = at ?? { file: lattice.file, span: { start: 0, end: 0 } };
    const known = [...lattice.inputs.keys()];
    diagnostics.push(
      diagnose('L406', location, `there is no input "${name}"`, {
        hint:
          didYouMean(name, known) ??
          (known.length === 0 ? 'the lattice declares no inputs' : `there is: ${known.join(', ')}`),
      }),
    );
  }
  for (const declaration of lattice.inputs.values()) {
    const { name } = declaration;
    const given = Object.hasOwn(values, name) ? values[name] : undefined;
    const bound = given === undefined ? absent(declaration) : coerceInput(declaration, given);
    if (!bound.ok) {
      const location = at ?? declaration.location;
      const notes =
        at === undefined
          ? []
          : [{ message: `"${name}" is declared here`, location: declaration.location }];
      const { code, message, hint } = bound.error;
      diagnostics.push(diagnose(code, location, message, { hint, notes }));
    } else if (declaration.type !== 'secret') {
      inputs.push([name, bound.value]);
    } else if (typeof bound.value === 'string') {
      secrets.push([name, bound.value]);
    }
  }
  return diagnostics.length > 0
    ? err(diagnostics)
    : ok({ inputs: Object.fromEntries(inputs), secrets: Object.fromEntries(secrets) });
}

/** Why a value does not fit. */
export interface InputMistake {
  readonly code: 'L407' | 'L408';
  readonly message: string;
  readonly hint?: string;
}

/** What an input has that nobody gave: its default, or as in workflows the empty value of its type. */
function absent(declaration: InputDeclaration): Result<Json, InputMistake> {
  if (declaration.default !== undefined) return coerceInput(declaration, declaration.default);
  if (!declaration.required) return ok(emptyOf(declaration));
  return err({
    code: 'L407',
    message: `input "${declaration.name}" is required and has no value`,
    hint: 'give a value, or a default in the lattice',
  });
}

function emptyOf(declaration: InputDeclaration): Json {
  switch (declaration.type) {
    case 'string':
      return '';
    case 'number':
      return 0;
    case 'boolean':
      return false;
    case 'choice':
      return declaration.options[0] ?? '';
    case 'json':
    case 'secret':
      return null;
  }
}

/** A value as its declared type: the command line and the action give texts only. Also used to check defaults. */
export function coerceInput(
  declaration: InputDeclaration,
  value: Json,
): Result<Json, InputMistake> {
  switch (declaration.type) {
    case 'string':
      return typeof value === 'object' && value !== null
        ? wrong(declaration, `takes a text, not ${inWords(value)}`, 'declare it with type: json')
        : ok(textOf(value));
    case 'secret':
      // The value itself is never part of a message.
      return typeof value === 'object' ? wrong(declaration, 'takes a text') : ok(textOf(value));
    case 'number':
      return coerceNumber(declaration, value);
    case 'boolean':
      return coerceBoolean(declaration, value);
    case 'choice':
      return coerceChoice(declaration, value);
    case 'json':
      return coerceJson(declaration, value);
  }
}

function coerceNumber(declaration: InputDeclaration, value: Json): Result<Json, InputMistake> {
  if (typeof value === 'number') return ok(value);
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  return Number.isFinite(number)
    ? ok(number)
    : wrong(declaration, `takes a number, not ${inWords(value)}`);
}

function coerceBoolean(declaration: InputDeclaration, value: Json): Result<Json, InputMistake> {
  if (typeof value === 'boolean') return ok(value);
  // The words of YAML 1.2's core schema, which @actions/core's getBooleanInput takes too.
  if (typeof value === 'string' && /^(true|True|TRUE)$/.test(value)) return ok(true);
  if (typeof value === 'string' && /^(false|False|FALSE)$/.test(value)) return ok(false);
  return wrong(declaration, `takes true or false, not ${inWords(value)}`);
}

function coerceChoice(declaration: InputDeclaration, value: Json): Result<Json, InputMistake> {
  const { options } = declaration;
  const text = typeof value === 'object' ? undefined : textOf(value);
  if (text !== undefined && options.includes(text)) return ok(text);
  const near = text === undefined ? undefined : didYouMean(text, options);
  return wrong(
    declaration,
    `is ${inWords(value)}, which is none of its options`,
    near ?? `one of: ${options.join(', ')}`,
  );
}

function coerceJson(declaration: InputDeclaration, value: Json): Result<Json, InputMistake> {
  if (typeof value !== 'string') return ok(value);
  try {
    return ok(JSON.parse(value) as Json);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return wrong(
      declaration,
      `takes JSON: ${reason}`,
      `a text in JSON has double quotes: '"text"'`,
    );
  }
}

function wrong(
  declaration: InputDeclaration,
  message: string,
  hint?: string,
): Result<Json, InputMistake> {
  return err({
    code: 'L408',
    message: `input "${declaration.name}" ${message}`,
    ...(hint === undefined ? {} : { hint }),
  });
}

function textOf(value: string | number | boolean | null): string {
  if (value === null) return '';
  return typeof value === 'number' ? numberText(value) : String(value);
}

function inWords(value: Json): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a mapping';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
