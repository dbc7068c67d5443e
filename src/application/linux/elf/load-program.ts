import { addressSpace } from '../../../domain/address-space/address-space.ts';
import { type GuestMemory, pageSize } from '../../ports/guest-memory.ts';
import { imagePiece, type ProgramImage, wholeOf } from '../../ports/program-image.ts';
import type { Space } from '../kernel-state.ts';
import { command, fill } from '../memory/mapping.ts';
import { freshCpu, register, setPc, setX } from '../registers.ts';
import { ElfError } from './elf-error.ts';
import { initialStack } from './initial-stack.ts';
import { type ElfImage, headersEnd, type LoadSegment, parseElf } from './parse-elf.ts';

/** What a program is started with. */
export interface ProgramStart {
  readonly program: ProgramImage;
  readonly programPath: string;
  readonly arguments: readonly Uint8Array[];
  readonly environment: readonly Uint8Array[];
  /** Sixteen bytes for AT_RANDOM. */
  readonly random: Uint8Array;
}

/** Nothing is mapped below: null pointers with offsets fault. */
const floor = 0x1_0000;
/** Kept free at the end of the address space, and between stack and mappings. */
const guard = 0x1_0000;
const largestStack = 8 * 1024 * 1024;
const preferredBias = 0x2000_0000;

/** `li a7, 139; ecall`: rt_sigreturn, to which signal handlers return. */
export const trampolineCode = Uint8Array.of(0x93, 0x08, 0xb0, 0x08, 0x73, 0x00, 0x00, 0x00);

const down = (value: number): number => Math.floor(value / pageSize) * pageSize;
const up = (value: number): number => Math.ceil(value / pageSize) * pageSize;

/** Where stack, signal trampoline and mappings lie in `size` bytes of memory. */
function plan(size: number): { stackTop: number; stackSize: number; trampoline: number; ceiling: number } {
  const trampoline = size - guard;
  const stackTop = trampoline - guard;
  const stackSize = Math.min(largestStack, down(size / 4));
  return { stackTop, stackSize, trampoline, ceiling: stackTop - stackSize - guard };
}

function chooseBias(image: ElfImage, ceiling: number, size: number): number {
  const lowest = down(Math.min(...image.segments.map(({ address }) => address)));
  const highest = up(Math.max(...image.segments.map((segment) => segment.address + segment.memorySize)));
  const room = (bias: number) => lowest + bias >= floor && highest + bias <= ceiling;
  const biases = image.relocatable ? [preferredBias - lowest, floor - lowest] : [0];
  const bias = biases.find(room);
  if (bias !== undefined) return bias;
  const range = `0x${lowest.toString(16)} to 0x${highest.toString(16)}`;
  throw new ElfError(
    'too-large',
    image.relocatable || lowest >= floor
      ? `The program's ${range} do not fit in ${size} bytes of guest memory. Give the guest more memory.`
      : `The program wants ${range}; the first 64 KiB are never mapped. Link it at a higher address.`,
    { lowest, highest, memory: size },
  );
}

/**
 * Loads a static program into a fresh address space and its memory; gives the first thread's registers. Throws
 * ElfError and then leaves `memory` in no particular state.
 */
export function loadProgram(
  start: ProgramStart,
  memory: GuestMemory,
  spaceNumber: number,
): { readonly space: Space; readonly cpu: Uint8Array; readonly auxv: Uint8Array } {
  const image = headersOf(start.program);
  const { stackTop, stackSize, trampoline, ceiling } = plan(memory.size);
  const bias = chooseBias(image, ceiling, memory.size);
  const end = Math.max(...image.segments.map((segment) => segment.address + segment.memorySize)) + bias;
  const space: Space = { number: spaceNumber, layout: addressSpace.initial, trampoline };
  command(space, memory, { type: 'CreateAddressSpace', size: memory.size, floor, ceiling, heap: up(end) });
  mapSegments(image, start, bias, space, memory);
  map(space, memory, trampoline, pageSize, 5, '[vdso]');
  fill(memory, trampoline, trampolineCode);
  const stackPermissions = image.executableStack ? 7 : 3;
  map(space, memory, stackTop - stackSize, stackSize, stackPermissions, '[stack]');
  const encoder = new TextEncoder();
  const { sp, bytes, auxv } = initialStack(
    {
      arguments: start.arguments,
      environment: start.environment,
      programPath: encoder.encode(start.programPath),
      random: start.random,
      entry: image.entry + bias,
      programHeaders: {
        ...image.programHeaders,
        address: image.programHeaders.address === undefined ? 0 : image.programHeaders.address + bias,
      },
    },
    stackTop,
    stackSize / 4,
  );
  fill(memory, sp, bytes);
  const cpu = freshCpu();
  setPc(cpu, BigInt(image.entry + bias));
  setX(cpu, register.sp, BigInt(sp));
  return { space, cpu, auxv };
}

function map(
  space: Space,
  memory: GuestMemory,
  address: number,
  length: number,
  permissions: number,
  name: string,
  offset = 0,
): void {
  const done = command(space, memory, {
    type: 'MapRegion',
    at: { kind: 'fixed', address },
    length,
    permissions,
    name,
    offset,
  });
  if (typeof done === 'number')
    throw new ElfError('too-large', `The program does not fit in ${memory.size} bytes of guest memory.`, {
      address,
      length,
    });
}

/** Reads the headers, of the first bytes where they lie there. */
function headersOf(program: ProgramImage): ElfImage {
  const head = program.subarray(0, Math.min(program.length, pageSize));
  return parseElf(headersEnd(head) <= head.length ? head : wholeOf(program), program.length);
}

/** Copies a segment piece by piece: as a whole it would be in this process's memory twice. */
function copy(program: ProgramImage, segment: LoadSegment, memory: GuestMemory, bias: number): void {
  const { offset, fileSize } = segment;
  const address = segment.address + bias;
  memory.expect(address, fileSize);
  for (let done = 0; done < fileSize;) {
    const step = Math.min(imagePiece - ((address + done) % pageSize), fileSize - done);
    fill(memory, address + done, program.subarray(offset + done, offset + done + step));
    done += step;
  }
}

/** Pages that two segments share get what both allow, as the bytes of both must be usable. */
function mapSegments(
  image: ElfImage,
  start: ProgramStart,
  bias: number,
  space: Space,
  memory: GuestMemory,
): void {
  const sorted = [...image.segments].sort((a, b) => a.address - b.address);
  let mappedTo = 0;
  let previous = 0;
  for (const segment of sorted) {
    const first = down(segment.address + bias);
    const end = up(segment.address + segment.memorySize + bias);
    const from = Math.max(first, mappedTo);
    const { programPath } = start;
    if (from > first && segment.permissions !== previous) {
      const shared = { address: first, length: from - first, permissions: segment.permissions | previous };
      command(space, memory, { type: 'ProtectRegion', ...shared });
    }
    if (end > from) {
      const offset = Math.max(0, down(segment.offset) + (from - first));
      map(space, memory, from, end - from, segment.permissions, programPath, offset);
    }
    copy(start.program, segment, memory, bias);
    previous = segment.permissions | (from > first && end <= mappedTo ? previous : 0);
    mappedTo = Math.max(mappedTo, end);
  }
}
