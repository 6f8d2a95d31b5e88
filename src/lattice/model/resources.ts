import { fargateSize } from '../fargate-sizes.ts';
import type { Location } from '../diagnostic.ts';
import type { Electron, Template } from '../plan.ts';
import type { TemplateScope } from '../scope.ts';
import { say, templateOf, type Fields, type Reading } from './reading.ts';
import { present } from './present.ts';

type ResourceKeys = Pick<
  Electron,
  'vcpu' | 'memory' | 'storage' | 'architecture' | 'spot' | 'image' | 'taskRole' | 'readOnlyRoot'
>;

/** What the tasks run on; sizes that are written out are compared with what Fargate offers. */
export function readResources(
  reading: Reading,
  fields: Fields,
  scope: (place: string) => TemplateScope,
): ResourceKeys {
  const read = (key: string): Template | undefined =>
    templateOf(reading, fields.get(key), scope(`"${key}"`));
  const vcpu = read('vcpu');
  const memory = read('memory');
  checkSize(reading, vcpu, memory);
  return present({
    vcpu,
    memory,
    storage: read('storage'),
    architecture: read('architecture'),
    spot: read('spot'),
    image: read('image'),
    taskRole: read('task-role'),
    readOnlyRoot: read('read-only-root'),
  });
}

function checkSize(
  reading: Reading,
  vcpu: Template | undefined,
  memory: Template | undefined,
): void {
  const size = fargateSize(written(vcpu), written(memory));
  if (size.ok) return;
  const place: Location | undefined = (size.wrong === 'vcpu' ? vcpu : memory)?.location;
  if (place !== undefined) say(reading, 'L403', place, size.message, { hint: size.hint });
}

function written(template: Template | undefined): number | undefined {
  const value = template?.kind === 'literal' ? template.value : undefined;
  return typeof value === 'number' ? value : undefined;
}
