/** Processes that are started here, and ended here: by their own id, in the reverse order. */
import { spawn, execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** From the polite signal to the firm one: dockerd first ends its containers. */
const STOP_MS = 20_000;
const started = [];
const endings = [];

export function tell(text) {
  console.log(`e2e:docker: ${text}`);
}

/** Starts a server whose output goes to `<folder>/<name>.log`, and waits until `isReady` says so. */
export async function startServer({ name, folder, command, args, isReady, env = {} }) {
  const log = join(folder, `${name}.log`);
  const output = openSync(log, 'a');
  // A group of its own: the terminal's Ctrl-C is ours to pass on, when jest has ended.
  const child = spawn(command, args, {
    stdio: ['ignore', output, output],
    detached: true,
    env: { ...process.env, ...env },
  });
  closeSync(output);
  let failure;
  const closed = new Promise((resolve) => {
    child.once('error', (error) => {
      failure = error.message;
      resolve();
    });
    child.once('exit', (code, signal) => {
      failure = `it ended with ${signal ?? `exit code ${code}`}`;
      resolve();
    });
  });
  started.push({ name, child, closed });
  const deadline = Date.now() + 60_000;
  for (;;) {
    if (failure !== undefined) break;
    if (await isReady().catch(() => false)) return;
    if (Date.now() > deadline) {
      failure = 'it does not answer';
      break;
    }
    await delay(100);
  }
  throw new Error(`${name} has not started: ${failure}\n${readFileSync(log, 'utf8').slice(-4000)}`);
}

/** Something else to be undone when all servers have ended. */
export function atEnd(undo) {
  endings.push(undo);
}

/** Ends what was started, the youngest first. */
export async function stopAll() {
  for (const { name, child, closed } of started.toReversed()) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) continue;
    child.kill('SIGTERM');
    const timer = setTimeout(() => {
      tell(`${name} does not end; killed`);
      child.kill('SIGKILL');
    }, STOP_MS);
    await closed;
    clearTimeout(timer);
  }
  for (const undo of endings) undo();
}

/** Removes the private folder, after what is still mounted below it. */
export function removeFolder(folder) {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`));
  for (const path of mounts.toReversed()) {
    try {
      execFileSync('umount', ['-l', path]);
    } catch {
      // Gone with the mount that it stood on.
    }
  }
  rmSync(folder, { recursive: true, force: true });
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

export async function answers(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  return response.status < 500;
}
