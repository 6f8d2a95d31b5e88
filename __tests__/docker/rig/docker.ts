import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs the docker program; its output. */
export async function docker(...args: readonly string[]): Promise<string> {
  const { stdout } = await run('docker', args, {
    env: { ...process.env, DOCKER_BUILDKIT: '1' },
    maxBuffer: 1 << 26,
  });
  return stdout.trim();
}

/** Ids of containers with this label, ended ones too. */
export async function containersWith(label: string): Promise<readonly string[]> {
  const listed = await docker('ps', '--all', '--quiet', '--no-trunc', '--filter', `label=${label}`);
  return listed.split('\n').filter((id) => id !== '');
}
