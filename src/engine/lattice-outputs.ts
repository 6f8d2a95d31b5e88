/** Outputs of a lattice that has ended: values of expressions, and files of electrons as addresses in the store. */
import picomatch from 'picomatch';
import { GLOB } from '../base/glob-options.ts';
import type { Json } from '../base/json.ts';
import { render, renderString } from '../lattice/index.ts';
import type { Diagnostic } from '../lattice/diagnostic.ts';
import type { FileOutput } from './record.ts';
import { isMany, type Scope } from './state.ts';
import { outputContexts, type RunFacts } from './views.ts';

export interface LatticeOutputs {
  readonly values: { readonly [name: string]: Json };
  readonly files: { readonly [name: string]: FileOutput };
  /** Expressions that could not be evaluated. */
  readonly mistakes: readonly Diagnostic[];
}

/** `address`: of the store. */
export function latticeOutputs(facts: RunFacts, scope: Scope, address: string): LatticeOutputs {
  const values: Record<string, Json> = {};
  const files: Record<string, FileOutput> = {};
  const mistakes: Diagnostic[] = [];
  const contexts = outputContexts(facts, scope);
  for (const [name, output] of scope.lattice.outputs) {
    if (output.kind === 'value') {
      const rendered = render(output.value, contexts);
      values[name] = rendered.ok ? rendered.value : null;
      if (!rendered.ok) mistakes.push(rendered.error);
      continue;
    }
    const globs: string[] = [];
    for (const glob of output.files) {
      const rendered = renderString(glob, contexts);
      if (rendered.ok) globs.push(rendered.value);
      else mistakes.push(rendered.error);
    }
    const found = fileOutput(scope, output.electron, globs);
    files[name] = found;
    const addresses = found.files.map((file) => `${address}/${file.key}`);
    values[name] = addresses.length === 1 ? (addresses[0] ?? null) : addresses;
  }
  return { values, files, mistakes };
}

function fileOutput(scope: Scope, electron: string, globs: readonly string[]): FileOutput {
  const node = scope.nodes.get(electron);
  if (node === undefined || node.placeholder) return { files: [] };
  const matches = picomatch([...globs], GLOB);
  const width = String(Math.max(0, node.tasks.length - 1)).length;
  return {
    files: node.tasks.flatMap((task) => {
      const { filesAt } = task;
      if (filesAt === undefined) return [];
      const folder = isMany(node.electron) ? `${String(task.index).padStart(width, '0')}/` : '';
      return task.files
        .filter((entry) => matches(entry.path))
        .map((entry) => ({
          path: `${folder}${entry.path}`,
          key: `${filesAt}${entry.path}`,
          entry,
        }));
    }),
  };
}
