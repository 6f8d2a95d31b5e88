import type { ObjectsApi } from './api.ts';
import { AwsError } from './aws-error.ts';
import { explain } from './explain.ts';

/** The objects that lattices name, with sentences for what goes wrong: the shape that sources of a run ask for. */
export function sourceObjects(objects: Pick<ObjectsApi, 'head' | 'list'>) {
  return {
    head: (bucket: string, key: string) => objects.head(bucket, key),
    list: (bucket: string, prefix: string) => objects.list(bucket, prefix),
    explain: (error: unknown, what: string) =>
      error instanceof AwsError
        ? explain(error, { what, named: 'the address in the lattice' })
        : undefined,
  };
}
