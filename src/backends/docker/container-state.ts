import { z } from 'zod';
import type { DockerProgram } from './docker-program.ts';

/** What the engine knows of a container. */
export interface ContainerState {
  readonly running: boolean;
  readonly exitCode: number;
  readonly outOfMemory: boolean;
  /** Milliseconds since the Unix epoch. */
  readonly createdAt: number | undefined;
  readonly startedAt: number | undefined;
  readonly stoppedAt: number | undefined;
}

const inspectSchema = z.object({
  Created: z.string(),
  State: z.object({
    Running: z.boolean(),
    ExitCode: z.number().int(),
    OOMKilled: z.boolean(),
    StartedAt: z.string(),
    FinishedAt: z.string(),
  }),
});

/** `gone`: there is no such container. `silent`: the engine does not answer. */
export async function containerState(
  docker: DockerProgram,
  id: string,
): Promise<ContainerState | 'gone' | 'silent'> {
  const answer = await docker.run(['container', 'inspect', '--format', '{{json .}}', id]);
  if (!answer.ok) return /no such container/i.test(answer.complaint) ? 'gone' : 'silent';
  const { Created, State } = inspectSchema.parse(JSON.parse(answer.stdout));
  return {
    running: State.Running,
    exitCode: State.ExitCode,
    outOfMemory: State.OOMKilled,
    createdAt: time(Created),
    startedAt: time(State.StartedAt),
    stoppedAt: time(State.FinishedAt),
  };
}

/** The engine tells year 1 for what has not happened. */
function time(text: string): number | undefined {
  const at = Date.parse(text);
  return Number.isNaN(at) || at <= 0 ? undefined : at;
}
