import type { Plan, Template } from '../lattice/plan.ts';
import { countText } from './duration.ts';
import { plainLine } from './plain-text.ts';

export type GraphFormat = 'mermaid' | 'dot' | 'text';

/** One box of a drawn graph. */
export interface GraphNode {
  readonly id: string;
  /** Second line: `8 tasks`, `3 failed`. */
  readonly note: string;
  /** Mermaid class. */
  readonly style?: string;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** A for-each: task by task, no barrier. */
  readonly each: boolean;
}

/** The electrons of a plan and what needs what. */
export function graphText(plan: Plan, format: GraphFormat): string {
  const nodes: GraphNode[] = [];
  const edges: GraphEdge[] = [];
  for (const electron of plan.lattice.electrons.values()) {
    nodes.push({ id: electron.id, note: taskCountText(plan, electron.id) });
    for (const need of electron.needs) {
      edges.push({ from: need, to: electron.id, each: need === electron.forEach });
    }
  }
  switch (format) {
    case 'mermaid':
      return mermaidGraph(nodes, edges);
    case 'dot':
      return dotGraph(plan.lattice.name, nodes, edges);
    case 'text':
      return nodes
        .map((node) => {
          const needs = edges.filter((edge) => edge.to === node.id).map((edge) => edge.from);
          return `${node.id} (${node.note})${needs.length === 0 ? '' : ` <- ${needs.join(', ')}`}\n`;
        })
        .join('');
  }
}

/** How many tasks an electron has, as far as that is known before it runs. */
export function taskCountText(plan: Plan, id: string): string {
  const combinations = plan.combinations.get(id);
  const electron = plan.lattice.electrons.get(id);
  if (electron?.forEach !== undefined) {
    return `per task of ${electron.forEach}`;
  }
  return combinations === undefined ? 'tasks known later' : countText(combinations.length, 'task');
}

/** A Mermaid flowchart, left to right. Ids are numbered, since Mermaid has reserved words and characters. */
export function mermaidGraph(
  nodes: readonly GraphNode[],
  edges: readonly GraphEdge[],
  styles: readonly string[] = [],
): string {
  const numbers = new Map(nodes.map((node, index) => [node.id, `n${index}`]));
  const lines = ['flowchart LR'];
  for (const node of nodes) {
    const note = node.note === '' ? '' : `<br/>${mermaidText(node.note)}`;
    const style = node.style === undefined ? '' : `:::${node.style}`;
    lines.push(`  ${numbers.get(node.id) ?? ''}["${mermaidText(node.id)}${note}"]${style}`);
  }
  for (const edge of edges) {
    const from = numbers.get(edge.from);
    const to = numbers.get(edge.to);
    if (from !== undefined && to !== undefined) {
      lines.push(`  ${from} ${edge.each ? '-.->' : '-->'} ${to}`);
    }
  }
  return `${[...lines, ...styles.map((style) => `  ${style}`)].join('\n')}\n`;
}

/** Text inside a quoted Mermaid label: entities are written `#…;` there. */
export function mermaidText(text: string): string {
  return plainLine(text).replace(
    /[^\p{L}\p{N} _\-.,/[\]]/gu,
    (character) => `#${character.codePointAt(0) ?? 63};`,
  );
}

function dotGraph(name: string, nodes: readonly GraphNode[], edges: readonly GraphEdge[]): string {
  const quote = (text: string): string =>
    `"${plainLine(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  const lines = [`digraph ${quote(name)} {`, '  rankdir=LR;', '  node [shape=box];'];
  for (const node of nodes) {
    // The line break belongs to DOT, so it is put in after quoting.
    lines.push(
      `  ${quote(node.id)} [label=${quote(node.id).slice(0, -1)}\\n${quote(node.note).slice(1)}];`,
    );
  }
  for (const edge of edges) {
    lines.push(`  ${quote(edge.from)} -> ${quote(edge.to)}${edge.each ? ' [style=dashed]' : ''};`);
  }
  return `${[...lines, '}'].join('\n')}\n`;
}

/** A template as its author wrote it. */
export function templateText(template: Template): string {
  switch (template.kind) {
    case 'literal':
      return typeof template.value === 'string' ? template.value : JSON.stringify(template.value);
    case 'expression':
      return `\${{ ${template.expression.source.trim()} }}`;
    case 'text':
      return template.parts
        .map((part) => (typeof part === 'string' ? part : `\${{ ${part.source.trim()} }}`))
        .join('');
    case 'list':
      return `[${template.items.map(templateText).join(', ')}]`;
    case 'map':
      return `{${[...template.entries].map(([key, value]) => `${key}: ${templateText(value)}`).join(', ')}}`;
  }
}
