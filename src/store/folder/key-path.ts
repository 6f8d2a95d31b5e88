import { join } from 'node:path';
import { StoreError } from '../../engine/ports.ts';
import { checkKey } from '../store-key.ts';

/** Names at the root of the folder that are ours: no key starts with them. */
export const TEMPORARY = '.tmp';
export const LOCKS = '.locks';

/** The file of a key. */
export function keyPath(folder: string, key: string): string {
  checkKey(key);
  if (isReserved(key))
    throw new StoreError(
      'EINVAL',
      `The store key ${JSON.stringify(key)} is reserved for the store itself`,
    );
  return join(folder, key);
}

/** True for names at the root of the folder that hold no objects. */
export function isReserved(name: string): boolean {
  return name.startsWith('.');
}

/** Byte order of UTF-8, which is S3's order of keys; differs from JavaScript's order beyond the basic plane. */
export function compareBytes(a: string, b: string): number {
  // Units below the surrogates sort alike in UTF-16 and UTF-8.
  if (!/[\ud800-\uffff]/.test(a) && !/[\ud800-\uffff]/.test(b)) return a < b ? -1 : a > b ? 1 : 0;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
