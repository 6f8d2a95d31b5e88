import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { RunProgram } from './options.ts';
import type { Credentials } from './registry-auth.ts';

/** What of Docker's `config.json` is of interest; all else is kept as it is. */
interface DockerConfig {
  readonly auths?: {
    readonly [server: string]: { readonly auth?: string; readonly identitytoken?: string };
  };
  readonly credHelpers?: { readonly [server: string]: string };
  readonly credsStore?: string;
}

/** Where Docker keeps its settings when nothing else is said. */
export function defaultDockerConfig(): string {
  return join(homedir(), '.docker');
}

/** The login that the user's Docker has for a registry. */
export async function dockerCredentials(
  folder: string,
  registry: string,
  run: RunProgram,
): Promise<Credentials | undefined> {
  const config = await readConfig(folder);
  // Docker Hub goes by the address that it had when logins began.
  const servers =
    registry === 'docker.io'
      ? ['https://index.docker.io/v1/', 'docker.io', 'index.docker.io']
      : [registry];
  for (const server of servers) {
    const helper = config.credHelpers?.[server] ?? config.credsStore;
    const known =
      helper === undefined || helper === '' ? undefined : await askHelper(helper, server, run);
    if (known !== undefined) return known;
  }
  const entry = Object.entries(config.auths ?? {}).find(([server]) =>
    servers.some((wanted) => server === wanted || host(server) === host(wanted)),
  )?.[1];
  if (entry?.identitytoken !== undefined && entry.identitytoken !== '')
    return { identityToken: entry.identitytoken };
  const [username, ...password] = Buffer.from(entry?.auth ?? '', 'base64')
    .toString('utf8')
    .split(':');
  return username === undefined || username === ''
    ? undefined
    : { username, password: password.join(':') };
}

/**
 * A folder of settings for our own logins: builders, contexts, plugins and logins of the user's stay in force, and nothing
 * of his is changed. `registry` keeps its login in the folder itself, never in the user's key chain.
 */
export async function privateDockerConfig(
  from: string,
  to: string,
  registry: string,
): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  await chmod(to, 0o700);
  const config = await readConfig(from);
  for (const name of await readdir(from).catch(() => []))
    if (name !== 'config.json')
      await symlink(join(from, name), join(to, name)).catch(() => undefined);
  const own = { ...config, credHelpers: { ...config.credHelpers, [registry]: '' } };
  await writeFile(join(to, 'config.json'), JSON.stringify(own), { mode: 0o600 });
}

async function readConfig(folder: string): Promise<DockerConfig> {
  try {
    const read: unknown = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));
    return typeof read === 'object' && read !== null ? read : {};
  } catch {
    // None, or one that Docker itself cannot read: then nobody is logged in.
    return {};
  }
}

/** The protocol of credential helpers: <https://github.com/docker/docker-credential-helpers>. */
async function askHelper(
  helper: string,
  server: string,
  run: RunProgram,
): Promise<Credentials | undefined> {
  try {
    const { exitCode, stdout } = await run(`docker-credential-${helper}`, ['get'], {
      input: server,
      silent: true,
    });
    if (exitCode !== 0) return undefined;
    const read = JSON.parse(stdout) as { readonly Username?: string; readonly Secret?: string };
    if (read.Secret === undefined || read.Secret === '') return undefined;
    return read.Username === '<token>'
      ? { identityToken: read.Secret }
      : { username: read.Username ?? '', password: read.Secret };
  } catch {
    return undefined;
  }
}

function host(server: string): string {
  return server.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
}
