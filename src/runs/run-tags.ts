import type { DriveRequest } from './drive.ts';

/** What every task of a run is labelled with, for bills and for who looks at the console of AWS. */
export function runTags({ plan, runId }: Pick<DriveRequest, 'plan' | 'runId'>): {
  readonly [name: string]: string;
} {
  const { repository, server_url: server, run_id: run } = plan.context.github;
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  return {
    'lattice:lattice': tagValue(plan.lattice.name),
    'lattice:run': runId,
    ...(text(repository) === '' ? {} : { 'lattice:repository': tagValue(text(repository)) }),
    ...(text(server) === '' || text(run) === '' || text(repository) === ''
      ? {}
      : {
          'lattice:workflow-run': tagValue(
            `${text(server)}/${text(repository)}/actions/runs/${text(run)}`,
          ),
        }),
  };
}

/** AWS takes letters, digits, spaces and `_.:/=+-@`, at most 256 of them. */
function tagValue(text: string): string {
  return text.replace(/[^\p{L}\p{N}\s_.:/=+\-@]/gu, '-').slice(0, 256);
}
