import type { Row } from '../../../domain/isa/instruction.ts';
import type { Fields } from '../../../domain/isa/pattern.ts';
import type { Profile } from './inputs.ts';

/** A generated instruction. */
export interface SampledInstruction {
  readonly row: Row;
  readonly fields: Fields;
  readonly profile: Profile;
}
