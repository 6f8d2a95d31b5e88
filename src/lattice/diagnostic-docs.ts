import { CATALOGUE } from './codes.ts';

const sections: readonly (readonly [string, string])[] = [
  ['L1', 'File and YAML'],
  ['L2', 'Structure'],
  ['L3', 'Expressions'],
  ['L4', 'Values and limits'],
  ['L5', 'Other files'],
  ['L9', 'Warnings'],
];

/** `docs/diagnostics.md`: the catalogue for people. */
export function diagnosticDocs(): string {
  const parts = sections.map(([prefix, title]) => {
    const entries = Object.entries(CATALOGUE)
      .filter(([code]) => code.startsWith(prefix))
      .map(([code, entry]) => `### ${code}: ${entry.title}\n\n${entry.explanation}\n`);
    return `## ${title}\n\n${entries.join('\n')}`;
  });
  return `# Diagnostics\n\nEvery mistake in a lattice is told with a code, its place and, where one is known, what to write instead; all of them\nat once. Warnings never fail a run.\n\n${parts.join('\n')}`;
}
