/** A Docker Engine of our own beside any other of the machine: all that it has lies in the folder. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { atEnd, startServer, tell } from './processes.mjs';

const run = promisify(execFile);
/** What Debian's package brings; a newer program elsewhere on the machine may lack buildx and then cannot use BuildKit. */
const DOCKER = '/usr/bin/docker';

export async function startEngine(folder) {
  const programs = join(folder, 'bin');
  mkdirSync(programs);
  symlinkSync(DOCKER, join(programs, 'docker'));
  const bridge = makeBridge();
  try {
    return await start(folder, programs, 'overlay2', bridge);
  } catch (error) {
    // overlay2 does not stand on every file system, on another overlay for one.
    tell(`Docker Engine with overlay2: ${String(error).split('\n')[0]}; trying vfs`);
    return start(folder, programs, 'vfs', bridge);
  }
}

async function start(folder, programs, driver, bridge) {
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
      // No rules of packet filters: they need modules that not every kernel has, and would change the machine's.
      ['--iptables=false', '--ip6tables=false', `--bridge=${bridge}`],
      ['--insecure-registry', '127.0.0.0/8'],
    ].flat(),
    // For the log driver awslogs: the engine's, not the container's. moto takes any.
    env: { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
    isReady: async () => (await docker('version', '--format', '{{.Server.Version}}')) !== '',
  });
  const version = await docker('version', '--format', '{{.Server.Version}}');
  tell(
    `Docker Engine ${version.trim()} (${driver}) at ${host}, kernel ${readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim()}`,
  );
  return { host, programs, docker };
}

/** A bridge of our own for `RUN` in builds and for containers, not docker0, which may be another engine's. */
function makeBridge() {
  const name = `lattice${process.pid % 100_000}`;
  const ip = (...args) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    ip('link', 'add', name, 'type', 'bridge');
  } catch (error) {
    tell(`no bridge (${String(error.stderr).trim()}): containers have no network, and RUN fails`);
    return 'none';
  }
  atEnd(() => ip('link', 'del', name));
  ip('addr', 'add', `172.30.${process.pid % 250}.1/24`, 'dev', name);
  ip('link', 'set', name, 'up');
  return name;
}
