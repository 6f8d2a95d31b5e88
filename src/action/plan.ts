import { endGroup, setOutput, startGroup, summary, warning } from '@actions/core';
import { planMarkdown, planText } from '../report/index.ts';
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
      await summary.addRaw(planMarkdown(loaded.plan)).write();
    } catch (cause) {
      warning(`The job summary could not be written: ${messageOf(cause)}`);
    }
  }
}
