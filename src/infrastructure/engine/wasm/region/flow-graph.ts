/**
 * The control flow of a region as a graph that WebAssembly's structured control flow can express: Cooper, Harvey and
 * Kennedy, "A Simple, Fast Dominance Algorithm" (2001); Ramsey, "Beyond Relooper" (ICFP 2022). Nodes are numbered; node 0 is
 * the one entry, from which all others can be reached. Edges that enter a loop elsewhere than at its header are cut.
 */
export interface FlowGraph {
  /** All nodes, in reverse postorder. */
  readonly order: readonly number[];
  /** The successors of each node that remain, in the order given. */
  readonly successors: readonly (readonly number[])[];
  /** For each node, the nodes that it immediately dominates, in reverse postorder. */
  readonly dominated: readonly (readonly number[])[];
  /** The loops: by its header, which a later node goes back to, the nodes of each. */
  readonly loops: ReadonlyMap<number, ReadonlySet<number>>;
  /** Nodes with several ways in, the ways back into a loop not counted. */
  readonly merges: ReadonlySet<number>;
  /** Whether an edge goes back to a loop's header. */
  isBackEdge(from: number, to: number): boolean;
}

/** `edges`: the successors of each node. */
export function flowGraph(edges: readonly (readonly number[])[]): FlowGraph {
  const order = reversePostorder(edges);
  const position = new Array<number>(edges.length).fill(-1);
  order.forEach((node, at) => (position[node] = at));
  const before = immediateDominators(edges, order, position);
  const isRetreating = (from: number, to: number) => position[to]! <= position[from]!;
  const loops = new Map<number, Set<number>>();
  const merges = new Set<number>();
  const waysIn = new Array<number>(edges.length).fill(0);
  const successors = edges.map((targets, from) =>
    targets.filter((to) => !isRetreating(from, to) || dominates(before, position, to, from)),
  );
  const dominator = immediateDominators(successors, order, position);
  const predecessors = predecessorsIn(successors, order);
  for (const from of order)
    for (const to of successors[from]!) {
      if (isRetreating(from, to)) addToLoop(loops, to, from, predecessors);
      else if (++waysIn[to]! > 1) merges.add(to);
    }
  const dominated: number[][] = edges.map(() => []);
  for (const node of order) if (node !== 0) dominated[dominator[node]!]!.push(node);
  return { order, successors, dominated, loops, merges, isBackEdge: isRetreating };
}

function reversePostorder(edges: readonly (readonly number[])[]): readonly number[] {
  const seen = new Set<number>([0]);
  const postorder: number[] = [];
  const stack = [{ node: 0, next: 0 }];
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const target = edges[top.node]![top.next++];
    if (target === undefined) postorder.push(stack.pop()!.node);
    else if (!seen.has(target)) {
      seen.add(target);
      stack.push({ node: target, next: 0 });
    }
  }
  return postorder.reverse();
}

function predecessorsIn(
  edges: readonly (readonly number[])[],
  order: readonly number[],
): readonly (readonly number[])[] {
  const predecessors: number[][] = edges.map(() => []);
  for (const from of order) for (const to of edges[from]!) predecessors[to]!.push(from);
  return predecessors;
}

/** Adds the nodes from which `tail` can be reached without going through `header`. */
function addToLoop(
  loops: Map<number, Set<number>>,
  header: number,
  tail: number,
  predecessors: readonly (readonly number[])[],
): void {
  let members = loops.get(header);
  if (!members) loops.set(header, (members = new Set([header])));
  const pending = [tail];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (members.has(node)) continue;
    members.add(node);
    pending.push(...predecessors[node]!);
  }
}

function immediateDominators(
  edges: readonly (readonly number[])[],
  order: readonly number[],
  position: readonly number[],
): readonly number[] {
  const predecessors = predecessorsIn(edges, order);
  const dominator = new Array<number>(edges.length).fill(-1);
  dominator[0] = 0;
  const meet = (a: number, b: number): number => {
    while (a !== b) {
      while (position[a]! > position[b]!) a = dominator[a]!;
      while (position[b]! > position[a]!) b = dominator[b]!;
    }
    return a;
  };
  for (let changed = true; changed;) {
    changed = false;
    for (const node of order) {
      if (node === 0) continue;
      let common = -1;
      for (const from of predecessors[node]!)
        if (dominator[from] !== -1) common = common === -1 ? from : meet(common, from);
      if (dominator[node] === common) continue;
      dominator[node] = common;
      changed = true;
    }
  }
  return dominator;
}

function dominates(
  dominator: readonly number[],
  position: readonly number[],
  above: number,
  below: number,
): boolean {
  let node = below;
  while (position[node]! > position[above]!) node = dominator[node]!;
  return node === above;
}
