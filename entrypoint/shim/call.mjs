import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [path, name, shown, inputs, answerPath] = process.argv
  .slice(1)
  .filter((word) => word !== '--');

function fail(message, kind = 'exception', traceback = null) {
  writeFileSync(answerPath, JSON.stringify({ ok: false, class: kind, message, traceback }));
  process.stderr.write(`${traceback ?? message}\n`);
  process.exit(1);
}

class NotJson extends Error {}

/** Throws for what JSON.stringify would drop or turn into something else in silence. */
function check(value, at, seen = []) {
  if (
    value === null ||
    value === undefined ||
    typeof value === 'string' ||
    typeof value === 'boolean'
  )
    return;
  if (typeof value === 'number') {
    if (!Number.isFinite(value))
      throw new NotJson(
        `${at} is ${value}, which JSON does not have: return null or a string in its place`,
      );
    return;
  }
  if (typeof value !== 'object')
    throw new NotJson(
      `${at} is of type ${typeof value}, which is no JSON: return numbers, strings, lists and objects, or write it to a file in $LATTICE_FILES`,
    );
  if (seen.includes(value)) throw new NotJson(`${at} holds itself, which JSON cannot say`);
  if (typeof value.toJSON === 'function') return;
  if (
    value instanceof Map ||
    value instanceof Set ||
    ArrayBuffer.isView(value) ||
    value instanceof ArrayBuffer
  )
    throw new NotJson(
      `${at} is of type ${value.constructor.name}, which is no JSON: return a list or an object, or write it to a file in $LATTICE_FILES`,
    );
  const inside = [...seen, value];
  if (Array.isArray(value)) value.forEach((item, i) => check(item, `${at}[${i}]`, inside));
  else for (const [key, item] of Object.entries(value)) check(item, `${at}.${key}`, inside);
}

/** The stack without the frames of Node and of this shim. */
function userTrace(error) {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return null;
  const lines = error.stack
    .split('\n')
    .filter((line) => !/^\s+at .*(node:internal|\[eval\d*\])/.test(line));
  return lines.join('\n');
}

function described(error) {
  return error instanceof Error ? `${error.name}: ${error.message}` : `thrown: ${String(error)}`;
}

if (!existsSync(path)) fail(`the file ${shown} of \`call\` does not exist in ${process.cwd()}`);
try {
  const module = await import(pathToFileURL(path).href);
  const call = module[name] ?? module.default?.[name];
  if (typeof call !== 'function') {
    const there = [
      ...new Set([...Object.keys(module), ...Object.keys(module.default ?? {})]),
    ].filter((key) => typeof (module[key] ?? module.default?.[key]) === 'function');
    fail(`${shown} has no function ${name}; it has: ${there.join(', ') || 'none'}`);
  }
  // Nothing is left that could settle the promise: Node would end with code 13 and no word.
  process.on('beforeExit', () => fail(`${name} returned a promise that was never settled`));
  const result = await call(JSON.parse(readFileSync(inputs, 'utf8')));
  check(result, 'the returned value');
  writeFileSync(answerPath, JSON.stringify({ ok: true, result: result ?? null }));
  process.exit(process.exitCode ?? 0);
} catch (error) {
  if (error instanceof NotJson) fail(error.message, 'output');
  fail(described(error), 'exception', userTrace(error));
}
