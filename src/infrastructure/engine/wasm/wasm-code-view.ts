import type { CodeView } from '../../../application/ports/code-view.ts';
import { permission } from '../../../application/ports/guest-memory.ts';
import { InstructionSource } from '../golden/instruction-source.ts';
import { FlatMemory } from '../memory/flat-memory.ts';
import { moduleText } from './codegen/wasm-text.ts';
import { isTranslatable } from './region/translatable.ts';
import { RegionCompiler } from './region/region-compiler.ts';
import { discoverRegion } from './region/region-discovery.ts';

const wasmPage = 0x1_0000;

/** Translates as the wasm engine does, and prints the module. */
export const wasmCodeView: CodeView = {
  engine: 'wasm',
  show(isa, code, address) {
    const start = Number(address);
    const size = Math.ceil((start + code.length + 1) / wasmPage) * wasmPage;
    if (size > 2 ** 32) return `; ${address} lies beyond the 4 GiB that the engine can address`;
    const memory = new FlatMemory(size);
    const first = Math.floor(start / 4096) * 4096;
    memory.map(
      first,
      Math.ceil((start + code.length - first) / 4096) * 4096,
      permission.read | permission.execute,
    );
    memory.write(start, code, permission.read);
    const limits = { instructions: code.length, blocks: 48 };
    const blocks = discoverRegion(start, new InstructionSource(isa, memory), isTranslatable, limits);
    const inside = blocks.filter((block) => block.address >= start && block.end <= start + code.length);
    if (inside.length === 0) return '; not translated: the engine steps this instruction';
    return moduleText(new RegionCompiler(inside, start, memory, isa.layout.pc).compile().bytes);
  },
};
