import { bytesOf } from '../../domain/isa/encoder.ts';
import type { InstructionTable } from '../../domain/isa/instruction-table.ts';

/** What fields are tried to be, simplest first. */
const simple = [0, 1, 8];

/** The encoding with each field, in turn, as simple as `fails` still says so; itself where it is no instruction. */
export function simplestEncoding(
  isa: InstructionTable,
  original: Uint8Array,
  fails: (encoding: Uint8Array) => boolean,
): Uint8Array {
  const decoded = isa.decode(original);
  if (typeof decoded === 'string') return original;
  let [smallest, fields] = [original, decoded.fields];
  for (const name of Object.keys(fields))
    for (const value of simple.filter((each) => each < Math.abs(fields[name]!))) {
      const candidate = { ...fields, [name]: value };
      const encoded = isa.encode(decoded.name, candidate);
      if (!encoded.ok || !fails(bytesOf(encoded.value))) continue;
      [smallest, fields] = [bytesOf(encoded.value), candidate];
      break;
    }
  return smallest;
}
