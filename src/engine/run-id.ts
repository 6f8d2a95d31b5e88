/** Names of runs: random in a terminal, derived in a workflow so that a re-run of the job finds its run again. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { RunId } from '../base/names.ts';
import { headKey } from './layout.ts';
import type { Store } from './ports.ts';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const LENGTH = 26;

function base32(bytes: Uint8Array): RunId {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5 && text.length < LENGTH) {
      bits -= 5;
      text += ALPHABET[(value >>> bits) & 31] ?? '';
    }
    value &= (1 << bits) - 1;
  }
  if (text.length < LENGTH) throw new Error('Internal error: a run id needs 17 bytes');
  return text as RunId;
}

/** A new run id of 26 lower-case base32 characters, from at least 17 random bytes. */
export function newRunId(random: Uint8Array): RunId {
  return base32(random);
}

/** The run id that these parts (repository id, workflow run id, job, `run-key`) always give. */
export function derivedRunId(parts: readonly string[]): RunId {
  return base32(createHash('sha256').update(JSON.stringify(parts)).digest());
}

/** Whether a text can be a run id, with or without a generation. */
export function isRunId(text: string): boolean {
  return /^[a-z2-7]{26}(-[1-9][0-9]{0,5})?$/.test(text);
}

const headSchema = z.object({ generation: z.number().int().positive() });

/** Id of one generation: the first has none, later ones are `<id>-2`, `<id>-3`. */
export function generationId(id: RunId, generation: number): RunId {
  return generation <= 1 ? id : (`${id}-${generation}` as RunId);
}

/** The current generation of a derived run id. */
export async function currentGeneration(store: Store, id: RunId): Promise<number> {
  const head = await store.read(headKey(id));
  if (head === undefined) return 1;
  const parsed = headSchema.safeParse(parseJson(head.body));
  return parsed.success ? parsed.data.generation : 1;
}

/** Opens the next generation (`fresh`, or a re-run after success) and gives its run id. */
export async function nextGeneration(store: Store, id: RunId): Promise<RunId> {
  for (;;) {
    const head = await store.read(headKey(id));
    if (head === undefined) {
      if (await store.create(headKey(id), JSON.stringify({ generation: 2 }))) {
        return generationId(id, 2);
      }
      continue;
    }
    const parsed = headSchema.safeParse(parseJson(head.body));
    const generation = (parsed.success ? parsed.data.generation : 1) + 1;
    if (await store.replace(headKey(id), JSON.stringify({ generation }), head.etag)) {
      return generationId(id, generation);
    }
  }
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body)) as unknown;
  } catch {
    return undefined;
  }
}
