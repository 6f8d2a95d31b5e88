import type { Location } from '../diagnostic.ts';
import type { RetryPolicy } from '../plan.ts';
import type { TemplateScope } from '../scope.ts';
import {
  fieldsOf,
  itemsOf,
  literal,
  templateOf,
  textOf,
  type Field,
  type Reading,
} from './reading.ts';

/** `retry`: a number of attempts, or the whole policy. */
export function readRetry(
  reading: Reading,
  field: Field | undefined,
  scope: (place: string) => TemplateScope,
  location: Location,
): RetryPolicy {
  const isPolicy = field?.value.kind === 'map';
  const fields = fieldsOf(reading, field?.value, field?.file);
  const attempts = isPolicy ? fields.get('attempts') : field;
  const when = fields.get('when');
  const setting = (
    key: string,
    from: Field | undefined,
    otherwise: number,
  ): RetryPolicy['attempts'] =>
    templateOf(reading, from, scope(`"${key}"`)) ?? literal(otherwise, location);
  return {
    attempts: setting('retry', attempts, 1),
    when:
      when === undefined
        ? ['failure', 'timeout', 'oom']
        : itemsOf(reading, when.value).map((item) => classOf(textOf({ value: item }) ?? '')),
    backoffSeconds: setting('backoff-seconds', fields.get('backoff-seconds'), 0),
    memoryFactor: setting('memory-factor', fields.get('memory-factor'), 1),
  };
}

function classOf(text: string): RetryPolicy['when'][number] {
  return text === 'failure' || text === 'timeout' || text === 'oom' ? text : Number(text);
}
