import type { JsonObject } from '../base/json.ts';

/** The properties of `github` that a lattice can read; each is the runner's variable `GITHUB_<NAME>`. */
export const GITHUB_PROPERTIES = [
  'repository',
  'sha',
  'ref',
  'ref_name',
  'head_ref',
  'base_ref',
  'run_id',
  'run_attempt',
  'run_number',
  'actor',
  'event_name',
  'server_url',
] as const;

/** The `github` context as a runner's variables tell it; outside of a workflow, as in a terminal, all are empty. */
export function githubContext(
  environment: Readonly<Record<string, string | undefined>>,
): JsonObject {
  return Object.fromEntries(
    GITHUB_PROPERTIES.map((name) => [name, environment[`GITHUB_${name.toUpperCase()}`] ?? '']),
  );
}
