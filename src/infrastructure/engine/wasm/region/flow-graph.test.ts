import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { flowGraph } from './flow-graph.ts';

test('finds the merge after an if and the header of the loop around it', () => {
  // 0 → 1; 1 → 2 | 3; 2 → 4; 3 → 4; 4 → 1 | 5
  const graph = flowGraph([[1], [2, 3], [4], [4], [1, 5], []]);
  expect([...graph.loops.keys()]).toEqual([1]);
  expect([...graph.loops.get(1)!].sort()).toEqual([1, 2, 3, 4]);
  expect([...graph.merges]).toEqual([4]);
  expect(graph.dominated[1]).toEqual(expect.arrayContaining([2, 3, 4]));
  expect(graph.isBackEdge(4, 1)).toBe(true);
  expect(graph.isBackEdge(4, 5)).toBe(false);
});

test('cuts an edge into the middle of a loop', () => {
  // 0 → 1 | 2; 1 → 2; 2 → 1: neither 1 nor 2 dominates the other.
  const graph = flowGraph([[1, 2], [2], [1]]);
  expect(graph.loops.size).toBe(0);
  expect(graph.successors.flat()).toHaveLength(3);
});

test('a node that goes to itself is a loop', () => {
  expect([...flowGraph([[0]]).loops.keys()]).toEqual([0]);
});

test('whatever the graph: forward edges go to what the source’s dominators open, back edges to a dominator', () => {
  const graphs = fc
    .integer({ min: 1, max: 12 })
    .chain((size) =>
      fc.array(fc.array(fc.integer({ min: 0, max: size - 1 }), { maxLength: 2 }), {
        minLength: size,
        maxLength: size,
      }),
    )
    .map(reachableOnly);
  fc.assert(
    fc.property(graphs, (edges) => {
      const graph = flowGraph(edges);
      expect([...graph.order].sort((a, b) => a - b)).toEqual(edges.map((_, node) => node));
      const parent = new Map(
        graph.dominated.flatMap((children, node) => children.map((child) => [child, node])),
      );
      const above = (node: number): number[] => {
        const up = parent.get(node);
        return up === undefined ? [node] : [node, ...above(up)];
      };
      graph.successors.forEach((targets, from) => {
        for (const to of targets)
          if (graph.isBackEdge(from, to)) {
            expect(above(from)).toContain(to);
            expect(graph.loops.get(to)).toContain(from);
          } else if (graph.merges.has(to)) expect(above(from)).toContain(parent.get(to));
          else expect(parent.get(to)).toBe(from);
      });
      for (const node of above(0)) expect(node).toBe(0);
      for (const [node] of edges.entries())
        for (const dominator of above(node)) expect(reaches(graph.successors, node, dominator)).toBe(false);
    }),
  );
});

/** Whether `to` can be reached from node 0 without going through `without`; never so for a node without itself. */
function reaches(edges: readonly (readonly number[])[], to: number, without: number): boolean {
  if (without === 0 || without === to) return false;
  const seen = new Set([0]);
  const pending = [0];
  for (let node = pending.pop(); node !== undefined; node = pending.pop())
    for (const next of edges[node]!)
      if (next !== without && !seen.has(next)) {
        seen.add(next);
        pending.push(next);
      }
  return seen.has(to);
}

/** The part of a graph that node 0 reaches, renumbered. */
function reachableOnly(edges: readonly (readonly number[])[]): number[][] {
  const found = [0];
  for (const node of found) for (const to of edges[node]!) if (!found.includes(to)) found.push(to);
  return found.map((node) => edges[node]!.map((to) => found.indexOf(to)));
}
