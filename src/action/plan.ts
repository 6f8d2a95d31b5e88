import { endGroup, setOutput, startGroup, summary, warning } from '@actions/core';
import { graphText, planText } from '../report/index.ts';
import type { LoadAnswer } from '../runs/index.ts';
import { quote } from './log.ts';
import { messageOf } from './publish.ts';

/** Mode `plan`: what would run, in the log and in the summary. Starts nothing. */
export async function plan(
  loaded: Extract<LoadAnswer, { kind: 'plan' }>,
  options: { readonly summary: boolean },
): Promise<void> {
  const text = planText(loaded.plan, { color: false });
  const [message = ''] = text.split('\n');
  startGroup('Plan');
  quote(text);
  endGroup();
  setOutput('status', 'planned');
  setOutput('message', message);
  if (options.summary) {
    try {
      await summary.addRaw(planMarkdown(text, graphText(loaded.plan, 'mermaid'))).write();
    } catch (cause) {
      warning(`The job summary could not be written: ${messageOf(cause)}`);
    }
  }
}

/** Longer than any run of backticks in the text, so that nothing in it can end the block. */
function planMarkdown(text: string, graph: string): string {
  const ticks = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(ticks + 1);
  // GitHub draws up to 50,000 characters and 500 edges.
  const drawn =
    graph.length <= 50_000 && graph.split('\n').length <= 500
      ? `\n\`\`\`mermaid\n${graph.trimEnd()}\n\`\`\`\n`
      : '';
  return `${drawn}\n${fence}text\n${text.slice(0, 900_000)}\n${fence}\n`;
}
