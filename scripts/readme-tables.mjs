/**
 * Writes the tables of the action's inputs and outputs in README.md from action.yml.
 *
 *   node scripts/readme-tables.mjs            write
 *   node scripts/readme-tables.mjs --check    fail when README.md says something else
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import '../__tests__/rig/typescript.mjs';
import { replaceBetween, update } from './generated-part.mjs';

const root = join(import.meta.dirname, '..');
const { INPUTS } = await import('../src/action/input-table.ts');
const onlyFargate = new Set(INPUTS.filter((row) => row.fargate).map((row) => row.name));
const { inputs, outputs } = parse(readFileSync(join(root, 'action.yml'), 'utf8'));

/** Descriptions end in "Default: `x`." where the manifest itself must not have the default. */
function inputRow([name, { description, default: fallback }]) {
  const text = description.trim().replaceAll(/\s+/g, ' ');
  const [, meaning, said] = /^(.*?)(?: Default: `([^`]*)`\.)?$/.exec(text);
  const value = said ?? fallback;
  return `| \`${name}\` | ${value === undefined ? '' : `\`${value}\``} | ${cell(meaning)} |`;
}

function outputRow([name, { description }]) {
  return `| \`${name}\` | ${cell(description.trim().replaceAll(/\s+/g, ' '))} |`;
}

function cell(text) {
  return text.replaceAll('|', '\\|');
}

const HEAD = ['| input | default | |', '| --- | --- | --- |'];

update(join(root, 'README.md'), (text) => {
  const rows = Object.entries(inputs);
  const inputTables = [
    ...HEAD,
    ...rows.filter(([name]) => !onlyFargate.has(name)).map(inputRow),
    '',
    '<details><summary>Inputs that mean something on Fargate only</summary>',
    '',
    ...HEAD,
    ...rows.filter(([name]) => onlyFargate.has(name)).map(inputRow),
    '',
    '</details>',
  ];
  const outputTable = ['| output | |', '| --- | --- |', ...Object.entries(outputs).map(outputRow)];
  return replaceBetween(
    replaceBetween(text, 'inputs', inputTables.join('\n')),
    'outputs',
    outputTable.join('\n'),
  );
});
