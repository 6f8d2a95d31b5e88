/** A Docker Engine of our own beside any other of the machine: all that it has lies in the folder. */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startServer, tell } from './processes.mjs';

const run = promisify(execFile);
/** What Debian's package brings; a newer program elsewhere on the machine may lack buildx and then cannot use BuildKit. */
const DOCKER = '/usr/bin/docker';

export async function startEngine(folder) {
  const programs = join(folder, 'bin');
  mkdirSync(programs);
  symlinkSync(DOCKER, join(programs, 'docker'));
  try {
    return await start(folder, programs, 'overlay2');
  } catch (error) {
    // overlay2 does not stand on every file system, on another overlay for one.
    tell(`Docker Engine with overlay2: ${String(error).split('\n')[0]}; trying vfs`);
    return start(folder, programs, 'vfs');
  }
}

async function start(folder, programs, driver) {
  const home = join(folder, `engine-${driver}`);
  mkdirSync(home);
  // Its own file, so that one of the machine in /etc/docker changes nothing.
  const config = join(home, 'daemon.json');
  writeFileSync(config, '{}');
  const host = `unix://${home}/docker.sock`;
  const docker = async (...args) =>
    (
      await run(DOCKER, args, {
        env: { ...process.env, DOCKER_HOST: host, DOCKER_BUILDKIT: '1' },
        maxBuffer: 1 << 26,
      })
    ).stdout;
  await startServer({
    name: `dockerd-${driver}`,
    folder,
    command: '/usr/sbin/dockerd',
    args: [
      ['--host', host],
      ['--config-file', config],
      ['--data-root', join(home, 'data')],
      ['--exec-root', join(home, 'exec')],
      ['--pidfile', join(home, 'docker.pid')],
      ['--storage-driver', driver],
      // No network of its own: no iptables and no bridge, which need modules that not every kernel has.
      ['--iptables=false', '--ip6tables=false', '--bridge=none'],
      ['--insecure-registry', '127.0.0.0/8'],
    ].flat(),
    isReady: async () => (await docker('version', '--format', '{{.Server.Version}}')) !== '',
  });
  const version = await docker('version', '--format', '{{.Server.Version}}');
  tell(
    `Docker Engine ${version.trim()} (${driver}) at ${host}, kernel ${readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim()}`,
  );
  return { host, programs, docker };
}
