/** What has to be on the machine: Debian's Docker Engine and registry, a static busybox, Python, and moto in a folder of its own. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { tell } from './processes.mjs';

/** Packages by a file that each brings. */
const PACKAGES = {
  '/usr/sbin/dockerd': 'docker.io',
  '/usr/bin/docker': 'docker.io',
  '/usr/bin/docker-registry': 'docker-registry',
  '/bin/busybox': 'busybox-static',
  '/usr/bin/python3': 'python3',
  '/usr/bin/mawk': 'mawk',
  '/bin/ip': 'iproute2',
  // What a new virtual environment begins with.
  '/usr/share/python-wheels': 'python3-venv',
};
/** Kept between runs: it is the same for all. */
const MOTO = '/var/tmp/lattice-ci/moto';

/** Installs what is missing; tells where Python with moto is. */
export async function install() {
  if (process.getuid?.() !== 0) {
    throw new Error(
      'npm run e2e:docker starts a Docker Engine of its own, which needs root: run it with sudo',
    );
  }
  const missing = [
    ...new Set(
      Object.keys(PACKAGES)
        .filter((path) => !existsSync(path))
        .map((path) => PACKAGES[path]),
    ),
  ];
  if (missing.length > 0) {
    tell(`apt-get install ${missing.join(' ')}`);
    aptInstall(missing);
  }
  mountCgroups();
  const python = join(MOTO, 'bin/python');
  if (!existsSync(join(MOTO, 'bin/moto_server'))) {
    tell(`pip install moto[server] into ${MOTO}`);
    execFileSync('/usr/bin/python3', ['-m', 'venv', '--clear', MOTO], { stdio: 'inherit' });
    execFileSync(
      python,
      ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'moto[server]'],
      { stdio: 'inherit' },
    );
  }
  return { python };
}

function aptInstall(packages) {
  const run = () =>
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  try {
    run();
  } catch {
    execFileSync('apt-get', ['update', '-qq'], { stdio: ['ignore', 'ignore', 'inherit'] });
    run();
  }
}

/** A machine without an init system may have no control groups mounted, without which there are no containers. */
function mountCgroups() {
  if (readdirSync('/sys/fs/cgroup').length > 0) return;
  tell('mounting control groups');
  aptInstall(['cgroupfs-mount']);
  execFileSync('cgroupfs-mount', { stdio: 'inherit' });
}
