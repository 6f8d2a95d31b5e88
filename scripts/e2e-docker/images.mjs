/** Base images out of this machine's own packages, pushed to a registry that stands for docker.io. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { tell } from './processes.mjs';

const PATH = 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Taken with all that they depend on. */
const DEBIAN = [
  'base-files',
  'bash',
  'coreutils',
  'dash',
  'findutils',
  'grep',
  'gzip',
  'libc-bin',
  'mawk',
  'sed',
  'tar',
  'python3',
];
const LEFT_OUT =
  /^\/usr\/share\/(doc|man|locale|lintian|info|zoneinfo|bug)\/|\/(__pycache__|ensurepip)\/|^\/(dev|proc|sys|run|home)\//;

/**
 * What there is at docker.io then, and as if pulled from there in the engine:
 *   library/busybox:latest       busybox, user root
 *   library/debian:bookworm-slim and library/python:3.13-slim
 *                                bash, coreutils and this machine's Python 3, no Node; CMD python3 as there
 *   library/node:24-slim         the same with this machine's Node at /usr/local/bin/node
 *   acme/nonroot:1               Debian with Python, USER 1000:1000 (app), HOME and WORKDIR /home/app
 *   acme/static:1                nothing but the program /busybox, as images from scratch are: no shell, no /tmp, no /etc
 */
export async function pushBaseImages({ docker, environment, hub, folder }) {
  const images = join(folder, 'images');
  mkdirSync(images);
  const make = async (name, archive, ...changes) => {
    const reference = `${hub}/${name}`;
    await docker(
      'import',
      ...changes.flatMap((change) => ['--change', change]),
      archive,
      reference,
    );
    await docker('push', '--quiet', reference);
    // As if it had been pulled from docker.io, for what uses the engine's own images.
    await docker('tag', reference, name.replace(/^library\//, ''));
  };
  tell(`base images to ${environment.LATTICE_REGISTRY_MIRRORS}`);
  const busybox = busyboxArchive(images);
  await make('library/busybox:latest', busybox, PATH, 'CMD ["sh"]');
  const root = debianRoot(images);
  const debian = pack(root, join(images, 'debian.tar'));
  await make('library/debian:bookworm-slim', debian, PATH, 'CMD ["bash"]');
  await make('library/python:3.13-slim', debian, PATH, 'CMD ["python3"]');
  await make(
    'acme/nonroot:1',
    debian,
    PATH,
    'USER 1000:1000',
    'ENV HOME=/home/app',
    'WORKDIR /home/app',
    'CMD ["bash"]',
  );
  const staticArchive = join(images, 'static.tar');
  execFileSync('tar', ['-cf', staticArchive, '-C', '/bin', 'busybox']);
  await make('acme/static:1', staticArchive, 'CMD ["/busybox", "echo", "static says hello"]');
  addNode(root);
  const node = pack(root, join(images, 'node.tar'));
  await make('library/node:24-slim', node, PATH, 'CMD ["node"]');
  rmSync(images, { recursive: true });
}

function busyboxArchive(folder) {
  const root = join(folder, 'busybox');
  for (const path of ['bin', 'tmp', 'root', 'etc'])
    mkdirSync(join(root, path), { recursive: true });
  cpSync('/bin/busybox', join(root, 'bin/busybox'));
  const applets = execFileSync('/bin/busybox', ['--list'], { encoding: 'utf8' }).split('\n');
  for (const applet of applets) {
    if (applet !== '' && applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet));
  }
  writeUsers(root);
  return pack(root, join(folder, 'busybox.tar'));
}

/** Debian as this machine has it: the files of some packages and of all that they need. */
function debianRoot(folder) {
  const root = join(folder, 'debian');
  for (const path of ['etc', 'tmp', 'root', 'home/app', 'usr/bin']) {
    mkdirSync(join(root, path), { recursive: true });
  }
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    if (isLink(`/${name}`)) symlinkSync(readlinkSync(`/${name}`), join(root, name));
  }
  const files = new Set();
  for (const path of packageFiles(closure(DEBIAN))) {
    if (LEFT_OUT.test(`${path}/`) || !existsSync(dirname(path))) continue;
    // /bin is /usr/bin where Debian has merged them.
    const real = join(realpathSync(dirname(path)), basename(path));
    const entry = lstatSync(real, { throwIfNoEntry: false });
    if (entry !== undefined && (entry.isFile() || entry.isSymbolicLink())) files.add(real.slice(1));
  }
  const archive = join(folder, 'files.tar');
  execFileSync('tar', ['-cf', archive, '-C', '/', '--no-recursion', '-T', '-'], {
    input: [...files].join('\n'),
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  execFileSync('tar', ['-xf', archive, '-C', root]);
  chownSync(join(root, 'home/app'), 1000, 1000);
  // What the alternatives of Debian would link.
  symlinkSync('mawk', join(root, 'usr/bin/awk'));
  writeUsers(root);
  return root;
}

function addNode(root) {
  mkdirSync(join(root, 'usr/local/bin'), { recursive: true });
  cpSync(realpathSync(process.execPath), join(root, 'usr/local/bin/node'));
  const linked = execFileSync('ldd', [process.execPath], { encoding: 'utf8' });
  for (const [, path] of linked.matchAll(/=> (\/\S+)/g)) {
    const target = join(root, realpathSync(dirname(path)), basename(path));
    if (existsSync(target)) continue;
    mkdirSync(dirname(target), { recursive: true });
    cpSync(realpathSync(path), target);
  }
}

function isLink(path) {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

function writeUsers(root) {
  writeFileSync(
    join(root, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/home/app:/bin/sh\n',
  );
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\napp:x:1000:\n');
}

function pack(root, archive) {
  if (existsSync(join(root, 'tmp'))) chmodSync(join(root, 'tmp'), 0o1777);
  execFileSync('tar', ['-cf', archive, '--numeric-owner', '-C', root, '.']);
  return archive;
}

/** Names of installed packages that these need, themselves included. */
function closure(names) {
  const listed = execFileSync(
    'dpkg-query',
    ['-W', '-f', '${Package}\t${Pre-Depends}, ${Depends}\t${Provides}\n'],
    {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    },
  );
  const needs = new Map();
  const providers = new Map();
  for (const line of listed.split('\n')) {
    const [name = '', depends = '', provides = ''] = line.split('\t');
    needs.set(name, depends.split(/[,|]/).map(bareName));
    for (const other of provides.split(',').map(bareName)) providers.set(other, name);
  }
  const found = new Set();
  const queue = [...names];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const real = needs.has(name) ? name : providers.get(name);
    // debconf and dpkg serve the installation alone, and bring Perl.
    if (real === undefined || real === '' || found.has(real) || /^(debconf|dpkg|perl)/.test(real))
      continue;
    found.add(real);
    queue.push(...(needs.get(real) ?? []));
  }
  return [...found];
}

function bareName(dependency) {
  return dependency.trim().split(/[ (:]/)[0] ?? '';
}

function packageFiles(packages) {
  return execFileSync('dpkg-query', ['-L', ...packages], { encoding: 'utf8', maxBuffer: 1 << 26 })
    .split('\n')
    .filter((path) => path.startsWith('/'));
}
