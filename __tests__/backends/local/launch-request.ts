import type { RunId, TaskKey } from '../../../src/base/names.ts';
import type { LaunchRequest } from '../../../src/engine/ports.ts';

/** A request to launch something; what matters to the test is given. */
export function launchRequest(
  given: { readonly task?: string; readonly attempt?: number } & Partial<
    Pick<LaunchRequest, 'secrets' | 'secretValues' | 'spec'>
  > = {},
): LaunchRequest {
  return {
    runId: 'run' as RunId,
    attempt: given.attempt ?? 1,
    spec: given.spec ?? { address: 'file:///spec.json', sha256: '0'.repeat(64) },
    resources: {
      vcpu: 0.25,
      memory: 0.5,
      storage: 20,
      architecture: 'x86_64',
      spot: false,
      readOnlyRoot: false,
    },
    electron: 'task',
    priority: 1,
    secrets: given.secrets ?? {},
    secretValues: given.secretValues ?? {},
    task: (given.task ?? 'task') as TaskKey,
  };
}
