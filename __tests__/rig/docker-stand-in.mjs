/**
 * Stands for the `docker` command where there is no engine: builds an image of one layer out of the context, with the
 * ENTRYPOINT and CMD of the Dockerfile, and pushes it over HTTP as Docker does, with the login in its own settings.
 *
 * Environment: STAND_IN, a folder. `kind` in it says what is there: `buildx` (default), `buildkit` (a client of 20.10),
 * `classic` (one of 26 without buildx). Every call is added to `calls.jsonl` in it.
 */
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

const folder = process.env.STAND_IN;
const kind = existsSync(join(folder, 'kind'))
  ? readFileSync(join(folder, 'kind'), 'utf8').trim()
  : 'buildx';
let args = process.argv.slice(2);
let settings = process.env.DOCKER_CONFIG ?? folder;
if (args[0] === '--config') {
  settings = args[1];
  args = args.slice(2);
}
const input = args.includes('--password-stdin') ? await text(process.stdin) : undefined;
appendFileSync(
  join(folder, 'calls.jsonl'),
  `${JSON.stringify({ args, settings, input, buildkit: process.env.DOCKER_BUILDKIT, cwd: process.cwd() })}\n`,
);
const [command, second] = args;
const option = (name) => args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);

if (command === 'buildx' && kind !== 'buildx') fail(`docker: unknown command: docker buildx`);
else if (command === 'buildx' && second === 'version')
  say('github.com/docker/buildx v0.17.1 257815a');
else if (command === 'version') say(kind === 'buildkit' ? '20.10.24+dfsg1' : '26.1.5');
else if (command === 'login') await logIn();
else if (command === 'push') await push(second, JSON.parse(readFileSync(built(second), 'utf8')));
else if (command === 'build' || (command === 'buildx' && second === 'build')) await build();
else if (command === 'image' && second === 'rm') say('Untagged');
else fail(`docker-stand-in: ${args.join(' ')}?`);

async function logIn() {
  const host = args.at(-1);
  const auth = Buffer.from(`${args[args.indexOf('--username') + 1]}:${input}`).toString('base64');
  const answer = await fetch(`http://${host}/v2/`, { headers: { authorization: `Basic ${auth}` } });
  if (!answer.ok)
    return fail(`Error response from daemon: login attempt failed with status: ${answer.status}`);
  const file = join(settings, 'config.json');
  const config = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  // As Docker: a helper, where one is set, and the file only where it is set to none.
  if ((config.credHelpers?.[host] ?? config.credsStore ?? '') !== '')
    return fail('kept in the key chain');
  writeFileSync(file, JSON.stringify({ ...config, auths: { ...config.auths, [host]: { auth } } }));
  say('Login Succeeded');
}

async function build() {
  const dockerfile = readFileSync(option('file'), 'utf8');
  const lines = dockerfile.split('\n');
  for (const line of lines) {
    process.stderr.write(`#1 ${line}\n`);
    const [, words] = /^RUN (.*)/.exec(line) ?? [];
    if (words !== undefined)
      return fail(
        `#1 ERROR: process "/bin/sh -c ${words}" did not complete successfully: ${words}`,
      );
  }
  const tar = pack();
  for (const path of files(args.at(-1)))
    tar.entry(
      { name: `app/${path}`, mode: 0o644, mtime: new Date(0) },
      readFileSync(join(args.at(-1), path)),
    );
  tar.finalize();
  const bytes = await buffer(tar);
  const layer = gzipSync(bytes);
  const json = (name) => {
    const [, value] = new RegExp(`^${name} (\\[.*\\])$`, 'm').exec(dockerfile) ?? [];
    return value === undefined
      ? {}
      : { [name === 'CMD' ? 'Cmd' : 'Entrypoint']: JSON.parse(value) };
  };
  const config = {
    architecture: option('platform').split('/')[1],
    os: 'linux',
    // Two builds of the same are not the same bytes, as with Docker.
    created: new Date().toISOString(),
    nonce: Math.random(),
    config: {
      ...json('ENTRYPOINT'),
      ...json('CMD'),
      Labels: Object.fromEntries(
        args.filter((arg) => arg.startsWith('--build-arg=')).map((arg) => arg.slice(12).split('=')),
      ),
    },
    rootfs: { type: 'layers', diff_ids: [digest(bytes)] },
    history: [{ created_by: 'COPY . /app' }],
  };
  const image = { config: JSON.stringify(config), layer: layer.toString('base64') };
  if (args.includes('--push')) await push(option('tag'), image);
  else writeFileSync(built(option('tag')), JSON.stringify(image));
}

async function push(tag, image) {
  const [host, repository, name] = /^([^/]+)\/(.+):([^:]+)$/.exec(tag).slice(1);
  const { auths } = JSON.parse(readFileSync(join(settings, 'config.json'), 'utf8'));
  const headers = { authorization: `Basic ${auths?.[host]?.auth ?? ''}` };
  const ask = async (method, path, body, more = {}) => {
    const url = new URL(path, `http://${host}`);
    const answer = await fetch(url, {
      method,
      headers: { ...headers, ...more },
      ...(body === undefined ? {} : { body }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  };
  const put = async (bytes, mediaType) => {
    const begun = await ask('POST', `/v2/${repository}/blobs/uploads/`);
    await ask('PUT', `${begun.headers.get('location')}?digest=${digest(bytes)}`, bytes);
    return { mediaType, size: bytes.length, digest: digest(bytes) };
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
    config: await put(Buffer.from(image.config), 'application/vnd.docker.container.image.v1+json'),
    layers: [
      await put(
        Buffer.from(image.layer, 'base64'),
        'application/vnd.docker.image.rootfs.diff.tar.gzip',
      ),
    ],
  };
  await ask('PUT', `/v2/${repository}/manifests/${name}`, JSON.stringify(manifest), {
    'content-type': manifest.mediaType,
  });
}

function files(root, at = '') {
  return readdirSync(join(root, at))
    .sort()
    .flatMap((name) => {
      const path = at === '' ? name : `${at}/${name}`;
      return statSync(join(root, path)).isDirectory() ? files(root, path) : [path];
    });
}

function built(tag) {
  return join(folder, `built-${createHash('sha256').update(tag).digest('hex')}`);
}

function digest(bytes) {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function say(line) {
  process.stdout.write(`${line}\n`);
}

function fail(line) {
  process.stderr.write(`${line}\n`);
  process.exitCode = 1;
}
