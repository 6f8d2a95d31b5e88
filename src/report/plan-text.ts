import type { Electron, Plan, Work } from '../lattice/plan.ts';
import { countText } from './duration.ts';
import { taskCountText, templateText } from './graph.ts';
import { palette } from './colour.ts';
import { clip, plainLine } from './plain-text.ts';

/** Combinations of a matrix that a plan shows. */
const SHOWN_TASKS = 5;

/** What would run: electrons in the order they can start, their tasks, needs and shapes, and what is known only later. */
export function planText(plan: Plan, options: { readonly color: boolean }): string {
  const colors = palette(options.color);
  const { lattice } = plan;
  let known = 0;
  let later = 0;
  for (const electron of lattice.electrons.values()) {
    const combinations = plan.combinations.get(electron.id);
    if (combinations === undefined || electron.forEach !== undefined) {
      later += 1;
    } else {
      known += combinations.length;
    }
  }
  const more =
    later === 0 ? '' : `; the tasks of ${countText(later, 'electron')} are known only later`;
  const lines = [
    `${colors.bold(plainLine(lattice.name))}: ${countText(known, 'task')} of ${countText(lattice.electrons.size, 'electron')}${more}`,
  ];
  const inputs = Object.entries(plan.inputs);
  if (inputs.length > 0) {
    lines.push(
      `inputs: ${inputs.map(([name, value]) => `${name}=${clip(plainLine(JSON.stringify(value)), 80)}`).join(', ')}`,
    );
  }
  if (plan.secretInputs.length > 0) {
    lines.push(`secret inputs: ${plan.secretInputs.join(', ')}`);
  }
  for (const electron of lattice.electrons.values()) {
    lines.push('', `${colors.bold(electron.id)}: ${taskCountText(plan, electron.id)}`);
    lines.push(...electronLines(plan, electron).map((line) => `  ${line}`));
  }
  if (lattice.outputs.size > 0) {
    lines.push('', `outputs: ${[...lattice.outputs.keys()].join(', ')}`);
  }
  return `${lines.join('\n')}\n`;
}

function electronLines(plan: Plan, electron: Electron): readonly string[] {
  const lines = [workText(electron.work)];
  if (electron.needs.length > 0) {
    lines.push(`needs ${electron.needs.join(', ')}`);
  }
  if (electron.condition !== undefined) {
    lines.push(`if ${clip(plainLine(electron.condition.source), 120)}`);
  }
  const combinations = plan.combinations.get(electron.id) ?? [];
  const told = combinations.filter((combination) => Object.keys(combination).length > 0);
  if (told.length > 0) {
    lines.push(
      ...told
        .slice(0, SHOWN_TASKS)
        .map(
          (combination, index) =>
            `${electron.id}[${index}] ${clip(plainLine(JSON.stringify(combination)), 120)}`,
        ),
    );
    if (told.length > SHOWN_TASKS) {
      lines.push(`and ${told.length - SHOWN_TASKS} more`);
    }
  }
  const shape = [
    electron.vcpu === undefined ? '' : `${plainLine(templateText(electron.vcpu))} vCPU`,
    electron.memory === undefined ? '' : `${plainLine(templateText(electron.memory))} GB`,
    `at most ${plainLine(templateText(electron.timeoutMinutes))} min`,
    electron.strategy.maxParallel === undefined
      ? ''
      : `${plainLine(templateText(electron.strategy.maxParallel))} at a time`,
  ];
  lines.push(shape.filter((text) => text !== '').join(', '));
  return lines;
}

function workText(work: Work): string {
  switch (work.kind) {
    case 'run': {
      const script = templateText(work.script).trimEnd().split('\n');
      return `run: ${clip(plainLine(script[0] ?? ''), 100)}${script.length > 1 ? ` (${countText(script.length, 'line')})` : ''}`;
    }
    case 'command':
      return `command: ${clip(plainLine(templateText(work.words)), 100)}`;
    case 'call':
      return `call: ${plainLine(work.file)}:${plainLine(work.function)}`;
    case 'uses':
      return `uses: ${plainLine(work.lattice.file)} (${countText(work.lattice.electrons.size, 'electron')})`;
    case 'image':
      return "the image's own command";
  }
}

/** A plan for machines: what `lattice plan --json` prints. */
export function planDocument(plan: Plan): object {
  return {
    status: 'planned',
    name: plan.lattice.name,
    file: plan.lattice.file,
    inputs: plan.inputs,
    electrons: [...plan.lattice.electrons.values()].map((electron) => ({
      id: electron.id,
      needs: electron.needs,
      ...(electron.forEach === undefined ? {} : { forEach: electron.forEach }),
      work: electron.work.kind,
      /** Null where the tasks are known only once their needs have ended. */
      tasks: electron.forEach === undefined ? (plan.combinations.get(electron.id) ?? null) : null,
    })),
    outputs: [...plan.lattice.outputs.keys()],
  };
}
