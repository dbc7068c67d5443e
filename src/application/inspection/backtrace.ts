import type { InstructionSet } from '../../domain/isa/instruction-set.ts';
import type { BacktraceFrame } from '../isochron.ts';
import type { SymbolTable } from './symbols.ts';

const maxFrames = 64;

/** What a backtrace reads: registers by name, mapped memory, which addresses hold code. */
export interface FrameSource {
  readonly isa: InstructionSet;
  readonly registers: ReadonlyMap<string, bigint>;
  readonly symbols: SymbolTable;
  memory(address: bigint, length: number): Uint8Array | undefined;
  isCode(address: bigint): boolean;
}

/**
 * The call chain, innermost first. After pc come, on RISC-V, the frames that the frame pointer s0 (x8) links: the
 * calling convention puts the return address at s0 − 8 and the caller's frame pointer at s0 − 16 (psABI, "Frame
 * pointer convention"). Code built without frame pointers keeps other things there: a chain is followed only while
 * return addresses lie in executable memory and frames go up. ra (x1) is given where it adds a caller of its own.
 */
export function backtrace(source: FrameSource): readonly BacktraceFrame[] {
  const { registers, symbols } = source;
  const frame = (pc: bigint, by: BacktraceFrame['by']): BacktraceFrame => ({
    pc,
    symbol: symbols.describe(pc),
    by,
  });
  const frames = [frame(registers.get('pc') ?? 0n, 'pc')];
  if (source.isa.name !== 'riscv64') return frames;
  const chain = linkedFrames(source);
  const ra = registers.get('x1') ?? 0n;
  const here = functionName(frames[0]!);
  // In a leaf, or before the prologue stored it, the return address is still in ra.
  if (source.isCode(ra) && ra !== chain[0] && (here === undefined || functionName(frame(ra, 'pc')) !== here))
    frames.push(frame(ra, 'return-address'));
  for (const pc of chain) frames.push(frame(pc, 'frame-pointer'));
  return frames;
}

const functionName = ({ symbol }: BacktraceFrame): string | undefined =>
  symbol?.replace(/\+0x[0-9a-f]+$/, '');

function linkedFrames(source: FrameSource): readonly bigint[] {
  const chain: bigint[] = [];
  let pointer = source.registers.get('x8') ?? 0n;
  while (chain.length < maxFrames && pointer >= 16n) {
    const saved = source.memory(pointer - 16n, 16);
    if (saved === undefined) break;
    const view = new DataView(saved.buffer, saved.byteOffset, 16);
    const [next, returnAddress] = [view.getBigUint64(0, true), view.getBigUint64(8, true)];
    if (!source.isCode(returnAddress)) break;
    chain.push(returnAddress);
    if (next <= pointer) break;
    pointer = next;
  }
  return chain;
}
