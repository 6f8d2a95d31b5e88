import type { Expression, Template } from '../plan.ts';
import { expressionsOf } from '../template.ts';
import { say, type Reading } from './reading.ts';

/** Fields of `github` that hold what someone outside may have chosen: names of branches and people. */
const FREE_GITHUB = new Set(['ref', 'ref_name', 'head_ref', 'base_ref', 'actor']);

/** Warns where a string that others choose becomes part of a script. */
export function warnOfInjection(reading: Reading, script: Template): void {
  if (script.kind !== 'text' && script.kind !== 'expression') return;
  for (const expression of expressionsOf(script)) {
    const path = expression.reads.find((read) => isFreeText(reading, read));
    if (path === undefined || !givesText(expression)) continue;
    say(
      reading,
      'L901',
      expression.location,
      `the text of ${path} becomes part of the script, so it can be code`,
      {
        hint: 'pass it by "with" or "env" and use the variable',
      },
    );
  }
}

function isFreeText(reading: Reading, path: string): boolean {
  const [context = '', name, part] = path.split('.');
  switch (context) {
    case 'inputs': {
      const type = name === undefined ? undefined : reading.inputs.get(name)?.type;
      return type === undefined || type === 'string' || type === 'json';
    }
    case 'each':
      return name === undefined || name === 'outputs';
    case 'needs':
      return part === undefined || part === 'outputs' || part === 'tasks';
    case 'github':
      return name === undefined || FREE_GITHUB.has(name);
    default:
      return false;
  }
}

/** Comparisons and tests give true or false whatever they read. */
function givesText({ source }: Expression): boolean {
  if (/^\s*(contains|startsWith|endsWith|length|range)\s*\(/i.test(source)) return false;
  return /&&|\|\|/.test(source) || !/==|!=|<|>|^\s*!/.test(source);
}
