/** What is wrong with a lattice only where its tasks run in containers; known before anything is launched. */
import { posix } from 'node:path';
import picomatch from 'picomatch';
import { GLOB } from '../base/glob-options.ts';
import { diagnose, type Report } from './diagnose.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { Electron, Lattice, Plan } from './plan.ts';

/** What a lattice has of the lattices that use it. */
interface Surroundings {
  readonly image: Lattice | undefined;
  readonly workspace: Lattice | undefined;
}

/** Names in one message; more are counted. */
const NAMED = 5;

/**
 * Electrons without an image, secret inputs where they cannot be handed over, and files to call that no image seems to
 * hold. `secrets`: names of the secret inputs that have a value; by default all that are declared.
 */
export function containerDiagnostics(
  plan: Plan,
  backend: 'fargate' | 'docker',
  secrets: readonly string[] = plan.secretInputs,
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const report: Report = (diagnostic) => found.push(diagnostic);
  if (backend === 'fargate') refuseSecrets(plan.lattice, secrets, report);
  check(plan.lattice, { image: undefined, workspace: undefined }, report, new Map());
  return found;
}

function refuseSecrets(lattice: Lattice, secrets: readonly string[], report: Report): void {
  for (const name of secrets) {
    const declaration = lattice.inputs.get(name);
    if (declaration === undefined) continue;
    report(
      diagnose(
        'L414',
        declaration.location,
        `secret input "${name}" cannot be handed to tasks on Fargate`,
        {
          hint: 'put it into Secrets Manager or SSM, and give the electron `secrets: {NAME: <its ARN or name>}`',
        },
      ),
    );
  }
}

/** `seen`: surroundings that a lattice has been looked at with, since many electrons may use the same one. */
function check(
  lattice: Lattice,
  outer: Surroundings,
  report: Report,
  seen: Map<Lattice, Surroundings[]>,
): void {
  const around = {
    image: lattice.image === undefined ? outer.image : lattice,
    workspace: lattice.workspace === undefined ? outer.workspace : lattice,
  };
  const before = seen.get(lattice) ?? [];
  if (before.some((one) => one.image === around.image && one.workspace === around.workspace))
    return;
  seen.set(lattice, [...before, around]);
  const without: Electron[] = [];
  for (const electron of lattice.electrons.values()) {
    if (electron.work.kind === 'uses') check(electron.work.lattice, around, report, seen);
    else if (electron.image === undefined && around.image === undefined) without.push(electron);
    else checkCall(lattice, electron, around, report);
  }
  const [first] = without;
  if (first === undefined) return;
  const names = without.slice(0, NAMED).map(({ id }) => `"${id}"`);
  const more = without.length > NAMED ? ` and ${without.length - NAMED} more` : '';
  report(
    diagnose(
      'L413',
      first.location,
      `${names.join(', ')}${more} ${without.length === 1 ? 'has' : 'have'} no image to run in`,
      {
        hint: 'give the lattice an `image`: a reference (python:3.13-slim), or `{build: {context: .}}` with a Dockerfile',
      },
    ),
  );
}

/** A built image may hold anything, and without `workspace` everything is laid over a reference; else it is known. */
function checkCall(
  lattice: Lattice,
  electron: Electron,
  around: Surroundings,
  report: Report,
): void {
  const { work } = electron;
  const { workspace } = lattice;
  const isBuilt = electron.image === undefined && around.image?.image?.kind === 'build';
  // Where the workspace is a caller's, the file that a used lattice calls is brought along.
  if (work.kind !== 'call' || isBuilt || workspace === undefined) return;
  if (matches(workspace, work.file)) return;
  report(
    diagnose(
      'L907',
      work.location,
      `"${work.file}" is not in the workspace, and may not be in the image of "${electron.id}"`,
      { hint: `the workspace is ${workspace.join(', ')}: add '${work.file}'` },
    ),
  );
}

function matches(globs: readonly string[], file: string): boolean {
  const path = posix.normalize(file);
  const of = (glob: string): readonly string[] => {
    const folder = posix.normalize(glob.trim()).replace(/\/$/, '');
    return folder === '.' ? ['**'] : [folder, `${folder}/**`];
  };
  const wanted = globs.filter((glob) => !glob.startsWith('!')).flatMap(of);
  const unwanted = globs
    .filter((glob) => glob.startsWith('!'))
    .flatMap((glob) => of(glob.slice(1)));
  const isIn = (list: readonly string[]): boolean =>
    list.length > 0 && picomatch([...list], GLOB)(path);
  return isIn(wanted.length === 0 && unwanted.length > 0 ? ['**'] : wanted) && !isIn(unwanted);
}
