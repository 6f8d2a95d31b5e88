import type { Image, Template } from '../plan.ts';
import type { TemplateScope } from '../scope.ts';
import { present } from './present.ts';
import { fieldsOf, templateOf, type Field, type Reading } from './reading.ts';

/** The environment of a lattice: a reference or a build. */
export function readImage(
  reading: Reading,
  field: Field | undefined,
  scope: (place: string) => TemplateScope,
): Image | undefined {
  if (field === undefined) return undefined;
  if (field.value.kind !== 'map') {
    const reference = templateOf(reading, field, scope('"image"'));
    return reference === undefined ? undefined : { kind: 'reference', reference };
  }
  const build = fieldsOf(reading, fieldsOf(reading, field.value).get('build')?.value);
  const read = (key: string): Template | undefined =>
    templateOf(reading, build.get(key), scope(`"${key}"`));
  const context = read('context');
  const parts = {
    file: read('file'),
    args: read('args'),
    target: read('target'),
    secrets: read('secrets'),
    cacheFrom: read('cache-from'),
    cacheTo: read('cache-to'),
  };
  return context === undefined ? undefined : { kind: 'build', context, ...present(parts) };
}
