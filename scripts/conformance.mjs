#!/usr/bin/env node
/**
 * Asks the simulated AWS what AWS answers in a known way, and then three copies of it, each with one fault planted, which
 * must fail: `node scripts/conformance.mjs [QUESTIONS]`. QUESTIONS is the path of the script that asks; else
 * LATTICE_CONFORMANCE, else the project's own.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const OWN = join(root, '__tests__/rig/aws/conformance/aws.mjs');
const MODEL = '__tests__/rig/aws/model';

/** Faults: what is written in the model, what stands there instead, and the question that must notice. */
const FAULTS = [
  {
    name: 'clientToken ignored',
    file: `${MODEL}/ecs/run-task.ts`,
    right: 'cluster.tokens.replay(clientToken, fingerprint, view)',
    wrong: 'undefined',
    only: 'ecs',
    notices: /FAIL ecs: clientToken/,
  },
  {
    name: 'MaxKeys unbounded',
    file: `${MODEL}/s3/list.ts`,
    right: 'Math.min(question.maxKeys ?? MOST_KEYS, MOST_KEYS)',
    wrong: 'question.maxKeys ?? MOST_KEYS',
    only: 's3',
    notices: /FAIL s3: LIST: 1,000 a page/,
  },
  {
    name: 'exit code only when STOPPED',
    file: `${MODEL}/ecs/task.ts`,
    right: '(task.exitCode === undefined ?',
    wrong: "(task.exitCode === undefined || task.state !== 'STOPPED' ?",
    only: 'ecs',
    notices: /FAIL ecs: the exit code is known before/,
  },
];

async function main() {
  const named = process.argv[2] ?? process.env.LATTICE_CONFORMANCE;
  const questions = named === undefined ? OWN : resolve(named);
  const good = await conformance(root, questions);
  const passed = good.code === 0 && /^\d+ passed, 0 failed$/.test(good.last);
  console.log(`simulated AWS: ${good.last}`);
  if (!passed) console.log(good.output);
  const noticed = await Promise.all(FAULTS.map((fault) => withFault(fault, questions)));
  for (const { line, output, red } of noticed) console.log(red ? line : `${line}\n${output}`);
  return passed && noticed.every(({ red }) => red) ? 0 : 1;
}

/** The questions asked of a copy of the model that has the fault. */
async function withFault(fault, questions) {
  const copy = await mkdtemp(join(tmpdir(), 'lattice-conformance-'));
  try {
    for (const part of ['src', '__tests__/rig', 'infra', 'package.json']) {
      await cp(join(root, part), join(copy, part), { recursive: true });
    }
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
    const file = join(copy, fault.file);
    const text = await readFile(file, 'utf8');
    const [before, after, ...more] = text.split(fault.right);
    if (after === undefined || more.length > 0) {
      throw new Error(`"${fault.right}" does not stand exactly once in ${fault.file}`);
    }
    await writeFile(file, `${before}${fault.wrong}${after}`);
    const { code, output, last } = await conformance(copy, questions, ['--only', fault.only]);
    const red = code === 1 && fault.notices.test(output);
    const verdict = red ? 'noticed' : 'NOT NOTICED';
    return { red, output, line: `with a fault (${fault.name}): ${last}: ${verdict}` };
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** Starts the simulated AWS of a folder, asks, and ends it. */
async function conformance(folder, questions, more = []) {
  const sim = spawn(
    process.execPath,
    ['--import', './__tests__/rig/typescript.mjs', '__tests__/rig/aws/sim.ts'],
    { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  try {
    const endpoint = await addressOf(sim);
    const asking = spawn(process.execPath, [questions, ...more], {
      cwd: root,
      env: { ...clean(process.env), AWS_ENDPOINT_URL: endpoint },
    });
    let output = '';
    asking.stdout.on('data', (bytes) => (output += bytes));
    asking.stderr.on('data', (bytes) => (output += bytes));
    const [code] = await once(asking, 'close');
    const last = output.match(/^\d+ passed, \d+ failed$/m)?.[0] ?? 'no verdict';
    return { code, output, last };
  } finally {
    sim.kill();
    if (sim.exitCode === null && sim.signalCode === null) await once(sim, 'close');
  }
}

/** Nothing of the caller's own account or of the names of another one. */
function clean(environment) {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !/^(AWS|SIM)_/.test(name)),
  );
}

async function addressOf(sim) {
  let said = '';
  for await (const bytes of sim.stdout) {
    said += bytes;
    const [, endpoint] = /AWS_ENDPOINT_URL=(\S+)\n/.exec(said) ?? [];
    if (endpoint !== undefined) return endpoint;
  }
  throw new Error(`The simulated AWS did not start: ${said}`);
}

process.exitCode = await main();
