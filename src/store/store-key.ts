import { StoreError } from '../engine/ports.ts';

/** Refuses what is no key. Keys come from names in lattices and files of tasks, so nothing may lead out of the store. */
export function checkKey(key: string): void {
  const parts = key.split('/');
  if (key.includes('\0') || parts.some((part) => part === '' || part === '.' || part === '..'))
    throw new StoreError(
      'EINVAL',
      `The store key ${JSON.stringify(key)} is not a relative path inside the store`,
    );
}
