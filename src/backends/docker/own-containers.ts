import { z } from 'zod';
import type { TaskKey } from '../../base/names.ts';
import { LABELS } from './create-arguments.ts';
import type { DockerProgram } from './docker-program.ts';

/** A container that some driver has started. */
export interface OwnContainer {
  readonly id: string;
  readonly task: TaskKey;
  readonly attempt: number;
  readonly driver: string;
  /** Also when it is paused: then it goes on some time. */
  readonly running: boolean;
}

/** Arguments of one call; a command line holds two megabytes. */
const AT_ONCE = 100;

const inspectSchema = z.array(
  z.object({
    Id: z.string(),
    State: z.object({ Running: z.boolean() }),
    Config: z.object({ Labels: z.record(z.string(), z.string()) }),
  }),
);

/** Containers with all these labels, ended ones too; undefined when the engine does not answer. */
export async function ownContainers(
  docker: DockerProgram,
  labels: Readonly<Record<string, string>>,
): Promise<readonly OwnContainer[] | undefined> {
  const filters = Object.entries(labels).flatMap(([name, value]) => [
    '--filter',
    value === '' ? `label=${name}` : `label=${name}=${value}`,
  ]);
  const listed = await docker.run(['ps', '--all', '--quiet', '--no-trunc', ...filters]);
  if (!listed.ok) return undefined;
  const found: OwnContainer[] = [];
  for (const ids of chunks(listed.stdout.split('\n').filter((id) => id !== ''))) {
    // One that is removed meanwhile makes the call fail, and the others are told all the same.
    const { stdout } = await docker.run(['container', 'inspect', ...ids]);
    for (const { Id, State, Config } of inspectSchema.parse(JSON.parse(stdout || '[]'))) {
      found.push({
        id: Id,
        task: (Config.Labels[LABELS.task] ?? '') as TaskKey,
        attempt: Number(Config.Labels[LABELS.attempt]),
        driver: Config.Labels[LABELS.driver] ?? '',
        running: State.Running,
      });
    }
  }
  return found;
}

/** Ends and removes them with their volumes. */
export async function removeContainers(
  docker: DockerProgram,
  ids: readonly string[],
): Promise<void> {
  for (const some of chunks(ids)) await docker.run(['rm', '--force', '--volumes', ...some]);
}

function chunks(ids: readonly string[]): readonly (readonly string[])[] {
  const cut: string[][] = [];
  for (let at = 0; at < ids.length; at += AT_ONCE) cut.push(ids.slice(at, at + AT_ONCE));
  return cut;
}
