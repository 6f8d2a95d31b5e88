import type { Combination, Contexts, Electron, Plan, Template } from '../lattice/plan.ts';
import { resolveResources } from '../lattice/index.ts';
import { imageBase, WHOLE_FOLDER } from './image-request.ts';
import type { ImageBase, ImageRequest } from './ports.ts';
import { expressionsOf } from './reads.ts';

/** Contexts that are known before a run, beside the matrix where it is static. */
const KNOWN = ['inputs', 'github', 'matrix'];

/**
 * Requests that a run will make for the tasks of its own lattice, as far as they are known before it begins: so that a
 * build that fails is told before anything is launched. Whatever cannot be rendered is left to the run.
 */
export function rootImageRequests(plan: Plan): readonly ImageRequest[] {
  const { lattice, inputs, context } = plan;
  const contexts: Contexts = { inputs, github: context.github };
  const shared =
    lattice.image === undefined ? undefined : imageBase(lattice, lattice.image, contexts);
  const requests = new Map<string, ImageRequest>();
  const add = (base: ImageBase, architecture: ImageRequest['architecture']): void => {
    const globs = lattice.workspace ?? (base.kind === 'build' ? undefined : WHOLE_FOLDER);
    const workspace = globs === undefined ? [] : [{ folder: lattice.folder, globs, at: '' }];
    const request = { base, workspace, architecture };
    requests.set(JSON.stringify(request), request);
  };
  for (const electron of lattice.electrons.values()) {
    if (electron.work.kind === 'uses' || !isKnown(electron)) continue;
    for (const matrix of combinationsOf(plan, electron)) {
      // Sizes do not matter here and may need what is not known yet.
      const { vcpu: _, memory: _m, storage: _s, spot: _p, taskRole: _t, ...rest } = electron;
      const resources = resolveResources(rest, { ...contexts, matrix });
      if (!resources.ok) continue;
      const { image, architecture } = resources.value;
      if (image !== undefined) add({ kind: 'reference', reference: image }, architecture);
      else if (shared?.ok === true) add(shared.value, architecture);
    }
  }
  return [...requests.values()];
}

function isKnown(electron: Electron): boolean {
  return [electron.image, electron.architecture, electron.readOnlyRoot].every((template) =>
    rootsOf(template).every((root) => KNOWN.includes(root)),
  );
}

function combinationsOf(plan: Plan, electron: Electron): readonly Combination[] {
  const readsMatrix = [electron.image, electron.architecture].some((template) =>
    rootsOf(template).includes('matrix'),
  );
  const known = plan.combinations.get(electron.id);
  if (readsMatrix) return known ?? [];
  return known?.length === 0 ? [] : [{}];
}

function rootsOf(template: Template | undefined): readonly string[] {
  return [...expressionsOf(template)].flatMap((expression) =>
    expression.reads.map((read) => /^[\w-]+/.exec(read)?.[0] ?? ''),
  );
}
