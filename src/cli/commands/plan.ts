import { loadLattice } from '../../runs/load-lattice.ts';
import { graphText } from '../../report/graph.ts';
import { planDocument, planText } from '../../report/plan-text.ts';
import { latticeCall } from '../call.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { GraphFlags, PlanFlags } from '../program.ts';
import { callPlace } from '../place.ts';
import { refuse } from '../refusal.ts';
import { diagnosticDocuments, tellDiagnostics } from '../tell-diagnostics.ts';
import { wantsColor, type Terminal } from '../terminal.ts';

/** `lattice plan`: what would run. */
export async function planCommand(
  file: string | undefined,
  flags: PlanFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  return withPlan(file, flags, terminal, ({ plan }) => {
    if (flags.json === true) {
      terminal.stdout.line(JSON.stringify(planDocument(plan), null, 2));
    } else {
      terminal.stdout.write(
        planText(plan, { color: wantsColor(terminal, terminal.stdout, flags.color) }),
      );
    }
  });
}

/** `lattice check`: only what is wrong. */
export async function checkCommand(
  file: string | undefined,
  flags: PlanFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  return withPlan(file, flags, terminal, ({ plan, warnings, sources }) => {
    const message = `${plan.lattice.file} is fine${warnings.length > 0 ? ' but for what is said above' : ''}`;
    if (flags.json === true) {
      const document = {
        status: 'planned',
        message,
        diagnostics: diagnosticDocuments(warnings, sources),
      };
      terminal.stdout.line(JSON.stringify(document, null, 2));
    } else {
      terminal.stdout.line(message);
    }
  });
}

/** `lattice graph`: the drawing. */
export async function graphCommand(
  file: string | undefined,
  flags: GraphFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  return withPlan(file, flags, terminal, ({ plan }) => {
    const graph = graphText(plan, flags.format);
    terminal.stdout.write(
      flags.json === true ? `${JSON.stringify({ format: flags.format, graph }, null, 2)}\n` : graph,
    );
  });
}

type Loaded = Extract<Awaited<ReturnType<typeof loadLattice>>, { kind: 'plan' }>;

async function withPlan(
  file: string | undefined,
  flags: PlanFlags,
  terminal: Terminal,
  show: (loaded: Loaded) => void,
): Promise<ExitCode> {
  const call = await latticeCall(file, flags, terminal);
  // Nothing is opened and no network needed: only what tasks run on decides what a lattice may hold.
  const { request } = callPlace(call.flags, terminal, {
    folder: terminal.cwd,
    drives: false,
    liveLogs: false,
  });
  const loaded = await loadLattice({ ...call.request, backend: request.backend });
  if (loaded.kind !== 'plan') {
    return refuse(loaded, terminal, flags);
  }
  tellDiagnostics(loaded.warnings, loaded.sources, terminal, flags);
  show(loaded);
  return EXIT.ok;
}
