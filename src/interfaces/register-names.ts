// The names of the RISC-V calling convention (psABI), for x0 to x31 and f0 to f31.
// prettier-ignore
const integerNames = ['zero', 'ra', 'sp', 'gp', 'tp', 't0', 't1', 't2', 's0', 's1', 'a0', 'a1', 'a2', 'a3', 'a4', 'a5',
  'a6', 'a7', 's2', 's3', 's4', 's5', 's6', 's7', 's8', 's9', 's10', 's11', 't3', 't4', 't5', 't6'];
// prettier-ignore
const floatNames = ['ft0', 'ft1', 'ft2', 'ft3', 'ft4', 'ft5', 'ft6', 'ft7', 'fs0', 'fs1', 'fa0', 'fa1', 'fa2', 'fa3', 'fa4',
  'fa5', 'fa6', 'fa7', 'fs2', 'fs3', 'fs4', 'fs5', 'fs6', 'fs7', 'fs8', 'fs9', 'fs10', 'fs11', 'ft8', 'ft9', 'ft10', 'ft11'];

/** A register with its ABI name: `x10 (a0)` as `a0`; others keep their own. */
export function registerName(slot: string): string {
  const found = /^([xf])(\d+)$/.exec(slot);
  if (!found) return slot;
  return (found[1] === 'x' ? integerNames : floatNames)[Number(found[2])] ?? slot;
}

/** The slot of a register by either of its names; undefined when there is none. */
export function slotNamed(name: string, slots: ReadonlyMap<string, unknown>): string | undefined {
  if (slots.has(name)) return name;
  const x = name === 'fp' ? 8 : integerNames.indexOf(name);
  const slot = x >= 0 ? `x${x}` : `f${floatNames.indexOf(name)}`;
  return slots.has(slot) ? slot : undefined;
}
