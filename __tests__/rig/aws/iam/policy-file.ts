import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Policy } from './policy.ts';

const texts = z.union([z.string(), z.array(z.string())]);
const statement = z.object({
  Effect: z.enum(['Allow', 'Deny']),
  Action: texts.optional(),
  NotAction: texts.optional(),
  Resource: texts.optional(),
  NotResource: texts.optional(),
});
const document = z.object({ Statement: z.array(statement).min(1) });

/** The policy in a file. */
export function readPolicy(path: string): Policy {
  const text: unknown = JSON.parse(readFileSync(path, 'utf8'));
  document.parse(text);
  return text as Policy;
}

/** A policy of `infra/iam/`, by its name without `.json`. */
export function shippedPolicy(name: string): Policy {
  const path = new URL(`../../../../infra/iam/${name}.json`, import.meta.url);
  return readPolicy(fileURLToPath(path));
}
