import type { DebugProtocol } from '@vscode/debugprotocol';
import type { TravelSession } from '../../application/travel/travel.ts';
import { hex } from '../../domain/shared/bits.ts';
import { registerName } from '../register-names.ts';

const kinds = ['Integer registers', 'Floating-point registers', 'Control registers'] as const;

/** The scopes of a thread, in which its registers are variables. */
export const scopesOf = (thread: number): DebugProtocol.Scope[] =>
  kinds.map((name, kind) => ({
    name,
    variablesReference: thread * kinds.length + kind + 1,
    expensive: false,
    presentationHint: 'registers',
  }));

/** The variables of a scope, as it is now; undefined where the thread is gone. */
export function registersIn(session: TravelSession, reference: number): DebugProtocol.Variable[] | undefined {
  const thread = Math.floor((reference - 1) / kinds.length);
  const kind = (reference - 1) % kinds.length;
  const slots = session.registers(thread);
  if (slots === undefined) return undefined;
  const wanted = [...slots].filter(([name]) => kindOf(name) === kind);
  const variables = wanted.map(([name, value]) => variable(registerName(name), kind, value));
  if (kind !== 2) return variables;
  const fcsr = ((slots.get('frm') ?? 0n) << 5n) | (slots.get('fflags') ?? 0n);
  return [...variables, variable('fcsr', kind, fcsr), variable('instret', kind, BigInt(session.icount))];
}

/** One register by either of its names. */
export const registerText = (name: string, value: bigint): string =>
  kindOf(name) === 1 ? `${floatText(value)} (${hex(value, 64)})` : hex(value);

const kindOf = (slot: string): number =>
  /^x\d+$/.test(slot) || slot === 'pc' ? 0 : /^f\d+$/.test(slot) ? 1 : 2;

const variable = (name: string, kind: number, value: bigint): DebugProtocol.Variable => ({
  name,
  value: kind === 1 ? `${floatText(value)} (${hex(value, 64)})` : hex(value),
  variablesReference: 0,
  ...(kind === 0 && { memoryReference: hex(value) }),
});

/** The number in a floating-point register: a single where it is NaN-boxed, else a double. */
function floatText(bits: bigint): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  const isSingle = bits >> 32n === 0xffff_ffffn;
  return String(isSingle ? view.getFloat32(4) : view.getFloat64(0));
}
