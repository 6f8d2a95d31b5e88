import { z } from 'zod';
import type { AttemptEnd } from '../../engine/ports.ts';
import type { DockerProgram } from './docker-program.ts';
import { launchEnd } from './launch-end.ts';

/** What the engine says of itself. */
export interface EngineFacts {
  readonly processors: number;
  /** Users of containers are others on this machine: rootless, or user namespaces. */
  readonly mapsUsers: boolean;
}

const infoSchema = z.object({
  NCPU: z.number().positive(),
  SecurityOptions: z.array(z.string()).nullish(),
});

/** Asks the engine; an end for whoever wants to launch where there is none. */
export async function engineFacts(docker: DockerProgram): Promise<EngineFacts | AttemptEnd> {
  const answer = await docker.run(['info', '--format', '{{json .}}']);
  const info = infoSchema.safeParse(answer.ok ? parse(answer.stdout) : undefined);
  if (!info.success) {
    // Docker 20.10 ends well although the engine did not answer, and tells of it inside.
    const complaint = answer.complaint === '' ? serverErrors(answer.stdout) : answer.complaint;
    return launchEnd({ ...answer, complaint }, docker.path);
  }
  return {
    processors: info.data.NCPU,
    mapsUsers: (info.data.SecurityOptions ?? []).some((one) => /name=(rootless|userns)/.test(one)),
  };
}

function serverErrors(stdout: string): string {
  const told = z.object({ ServerErrors: z.array(z.string()) }).safeParse(parse(stdout));
  return told.success ? told.data.ServerErrors.join('; ') : stdout.slice(0, 500);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
