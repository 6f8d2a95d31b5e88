import { coerceInput } from '../inputs.ts';
import type { Lattice, Template } from '../plan.ts';
import { didYouMean } from '../suggest.ts';
import { staticValue } from '../template.ts';
import type { Field, Reading } from './reading.ts';
import { say } from './reading.ts';

/** Compares the `with` of a `uses` with the inputs of the lattice that is used. */
export function checkWith(
  reading: Reading,
  used: Lattice,
  uses: Field,
  field: Field | undefined,
  template: Template | undefined,
): void {
  if (field !== undefined && template?.kind !== 'map') return;
  const given: ReadonlyMap<string, Template> =
    template?.kind === 'map' ? template.entries : new Map();
  const keys = field?.value.kind === 'map' ? field.value.entries.map(({ key }) => key) : [];
  for (const key of keys) {
    const declaration = used.inputs.get(key.text);
    if (declaration === undefined) {
      const known = [...used.inputs.keys()];
      say(
        reading,
        'L406',
        { file: field?.file ?? reading.file, span: key.span },
        `${used.file} has no input "${key.text}"`,
        {
          hint:
            didYouMean(key.text, known) ??
            (known.length === 0 ? 'it declares no inputs' : `its inputs are ${known.join(', ')}`),
        },
      );
      continue;
    }
    const value = given.get(key.text);
    const literal = value === undefined ? undefined : staticValue(value);
    if (value === undefined || literal === undefined) continue;
    const fit = coerceInput(declaration, literal);
    if (!fit.ok) {
      say(reading, 'L408', value.location, fit.error.message, {
        hint: fit.error.hint,
        notes: [{ message: `"${key.text}" is declared here`, location: declaration.location }],
      });
    }
  }
  for (const declaration of used.inputs.values()) {
    if (!declaration.required || given.has(declaration.name)) continue;
    say(reading, 'L407', uses.value, `${used.file} requires the input "${declaration.name}"`, {
      hint: `give it: with: { ${declaration.name}: … }`,
      notes: [
        { message: `"${declaration.name}" is declared here`, location: declaration.location },
      ],
    });
  }
}
