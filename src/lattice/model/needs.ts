/** Who waits for whom: names, cycles and a topological order. */
import type { Span } from '../diagnostic.ts';
import { didYouMean } from '../suggest.ts';
import type { YamlEntry, YamlNode } from '../yaml.ts';
import { at, fieldsOf, itemsOf, say, type Reading } from './reading.ts';

/** The needs of an electron, each with the place that says so. */
export type Needs = ReadonlyMap<string, Span>;

/** Reads `needs` and `for-each` of every electron; names that do not exist are reported and left out. */
export function readNeeds(
  reading: Reading,
  electrons: readonly YamlEntry[],
): ReadonlyMap<string, Needs> {
  const places = new Map(electrons.map(({ key }) => [key.text, key.span]));
  return new Map(
    electrons.map(({ key, value }) => {
      const fields = fieldsOf(reading, value);
      const needs = new Map<string, Span>();
      for (const item of itemsOf(reading, fields.get('needs')?.value)) {
        addNeed({ reading, places, needs, id: key.text, item, listed: true });
      }
      const partner = fields.get('for-each')?.value;
      if (partner !== undefined) {
        addNeed({ reading, places, needs, id: key.text, item: partner, listed: false });
      }
      return [key.text, needs];
    }),
  );
}

function addNeed(context: {
  reading: Reading;
  places: ReadonlyMap<string, Span>;
  needs: Map<string, Span>;
  id: string;
  item: YamlNode;
  listed: boolean;
}): void {
  const { reading, places, needs, id, item, listed } = context;
  if (item.kind !== 'scalar') return;
  const name = item.text;
  const first = needs.get(name);
  if (name === id) {
    say(reading, 'L205', item, `"${id}" needs itself`);
  } else if (!places.has(name)) {
    unknownElectron(
      reading,
      item.span,
      `"${id}" needs "${name}", which does not exist`,
      name,
      places,
    );
  } else if (first === undefined) {
    needs.set(name, item.span);
  } else if (listed) {
    say(reading, 'L212', item, `"${name}" is listed twice`, {
      notes: [{ message: 'the first time', location: at(reading, first) }],
    });
  }
}

/** A name that no electron has, with the one that was probably meant and where that stands. */
export function unknownElectron(
  reading: Reading,
  span: Span,
  message: string,
  name: string,
  places: ReadonlyMap<string, Span>,
): void {
  const hint = didYouMean(name, places.keys());
  const meant = hint === undefined ? undefined : /"(.*)"/.exec(hint)?.[1];
  const place = meant === undefined ? undefined : places.get(meant);
  say(reading, 'L204', { span }, message, {
    hint,
    notes:
      place === undefined
        ? []
        : [{ message: `"${meant}" is defined here`, location: at(reading, place) }],
  });
}

/** Electrons in topological order, ties as written. Reports a shortest cycle of each knot; then undefined. */
export function orderOf(
  reading: Reading,
  graph: ReadonlyMap<string, Needs>,
): readonly string[] | undefined {
  const dependents = new Map<string, string[]>([...graph.keys()].map((id) => [id, []]));
  const open = new Map<string, number>();
  for (const [id, needs] of graph) {
    open.set(id, needs.size);
    for (const need of needs.keys()) dependents.get(need)?.push(id);
  }
  const order = byPosition([...graph.keys()], dependents, open);
  if (order.length === graph.size) return order;
  const settled = new Set(order);
  reportCycles(reading, graph, new Set([...graph.keys()].filter((id) => !settled.has(id))));
  return undefined;
}

/** Kahn's algorithm; among the ready ones the first as written comes first, in rounds. */
function byPosition(
  ids: readonly string[],
  dependents: ReadonlyMap<string, readonly string[]>,
  open: Map<string, number>,
): readonly string[] {
  const position = new Map(ids.map((id, index) => [id, index]));
  const place = (id: string): number => position.get(id) ?? 0;
  const order: string[] = [];
  let ready = ids.filter((id) => open.get(id) === 0);
  while (ready.length > 0) {
    order.push(...ready);
    const next: string[] = [];
    for (const id of ready) {
      for (const dependent of dependents.get(id) ?? []) {
        const left = (open.get(dependent) ?? 0) - 1;
        open.set(dependent, left);
        if (left === 0) next.push(dependent);
      }
    }
    ready = next.sort((a, b) => place(a) - place(b));
  }
  return order;
}

const MAX_CYCLES = 10;
/** Steps that are taken for a shorter circle than the first one that is found. */
const MAX_STEPS = 200_000;

function reportCycles(
  reading: Reading,
  graph: ReadonlyMap<string, Needs>,
  knotted: ReadonlySet<string>,
): void {
  const left = new Set(knotted);
  for (let count = 0; count < MAX_CYCLES; count += 1) {
    const cycle = shortestCycle(graph, left);
    if (cycle === undefined) return;
    reportCycle(reading, graph, cycle);
    for (const id of reachingOrReached(graph, left, cycle)) left.delete(id);
  }
}

/** The shortest circle, ties by position: a breadth-first search back to each electron. */
function shortestCycle(
  graph: ReadonlyMap<string, Needs>,
  among: ReadonlySet<string>,
): readonly string[] | undefined {
  let best: readonly string[] | undefined;
  const budget = { steps: MAX_STEPS };
  for (const start of among) {
    if (best !== undefined && (best.length === 2 || budget.steps <= 0)) break;
    const found = pathBack(graph, among, start, budget);
    if (found !== undefined && (best === undefined || found.length < best.length)) best = found;
  }
  return best;
}

function pathBack(
  graph: ReadonlyMap<string, Needs>,
  among: ReadonlySet<string>,
  start: string,
  budget: { steps: number },
): readonly string[] | undefined {
  const from = new Map<string, string>();
  const queue = [start];
  for (const id of queue) {
    for (const need of graph.get(id)?.keys() ?? []) {
      budget.steps -= 1;
      if (need === start) {
        const path = [id];
        for (let back = id; back !== start;) {
          back = from.get(back) ?? start;
          path.push(back);
        }
        return path.reverse();
      }
      if (!among.has(need) || from.has(need)) continue;
      from.set(need, id);
      queue.push(need);
    }
  }
  return undefined;
}

/** The knot around a cycle: what is told once is not told again through another circle of the same knot. */
function reachingOrReached(
  graph: ReadonlyMap<string, Needs>,
  among: ReadonlySet<string>,
  cycle: readonly string[],
): ReadonlySet<string> {
  const knot = new Set(cycle);
  const queue = [...cycle];
  const neighbours = new Map<string, string[]>();
  for (const id of among) {
    for (const need of graph.get(id)?.keys() ?? []) {
      if (!among.has(need)) continue;
      add(neighbours, id, need);
      add(neighbours, need, id);
    }
  }
  for (const id of queue) {
    for (const other of neighbours.get(id) ?? []) {
      if (knot.has(other)) continue;
      knot.add(other);
      queue.push(other);
    }
  }
  return knot;
}

function add(neighbours: Map<string, string[]>, id: string, other: string): void {
  const known = neighbours.get(id);
  if (known === undefined) neighbours.set(id, [other]);
  else known.push(other);
}

/** Beyond that a circle is not written out. */
const MAX_EDGES = 20;

function reportCycle(
  reading: Reading,
  graph: ReadonlyMap<string, Needs>,
  cycle: readonly string[],
): void {
  const edges = cycle.map((id, index) => {
    const need = cycle[(index + 1) % cycle.length] ?? id;
    return { id, need, span: graph.get(id)?.get(need) ?? { start: 0, end: 0 } };
  });
  const [first] = edges;
  if (first === undefined) return;
  const isLong = edges.length > MAX_EDGES;
  const round = isLong
    ? `${cycle.slice(0, MAX_EDGES).join(' -> ')} -> … (${edges.length} in all)`
    : [...cycle, cycle[0]].join(' -> ');
  say(reading, 'L206', first, `these electrons wait for each other: ${round}`, {
    notes: edges.slice(0, MAX_EDGES).map(({ id, need, span }) => ({
      message: `"${id}" needs "${need}"`,
      location: at(reading, span),
    })),
  });
}
