import type { Plan } from '../lattice/plan.ts';
import { clipBytes } from './byte-budget.ts';
import { graphText } from './graph.ts';
import { markdownFence, markdownLine } from './markdown-text.ts';
import { planText } from './plan-text.ts';

/** Mermaid's own limits, `maxTextSize` and `maxEdges`; nodes beyond this are unreadable. */
const MERMAID = { characters: 50_000, edges: 500, nodes: 150 } as const;
/** GitHub drops a step's whole summary when it is larger than 1 MiB. */
const TEXT_BYTES = 900_000;

/** A plan as a job summary: what would run in one line, the graph where it can be drawn, then all of it. */
export function planMarkdown(plan: Plan, textBytes = TEXT_BYTES): string {
  const text = planText(plan, { color: false });
  const [message = ''] = text.split('\n');
  const graph = graphText(plan, 'mermaid');
  const edges = graph.split('\n').filter((line) => / -(?:-|\.-)> /.test(line)).length;
  const drawn =
    plan.lattice.electrons.size > 1 &&
    plan.lattice.electrons.size <= MERMAID.nodes &&
    graph.length <= MERMAID.characters &&
    edges <= MERMAID.edges
      ? `${markdownFence(graph, 'mermaid')}\n`
      : '';
  return `## 📝 ${markdownLine(message)}\n\n${drawn}${markdownFence(clipBytes(text, textBytes))}`;
}
