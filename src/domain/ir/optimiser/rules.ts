import type { Rule } from './rule.ts';
import { arithmetic } from './rules/arithmetic.ts';
import { bitwise } from './rules/bitwise.ts';
import { comparisons } from './rules/comparisons.ts';
import { extensions } from './rules/extensions.ts';
import { multiplication } from './rules/multiplication.ts';
import { selects } from './rules/selects.ts';
import { shifts } from './rules/shifts.ts';

/** The algebra, by family. A test proves each equation at every type at which it applies. */
export const ruleFamilies: Readonly<Record<string, readonly Rule[]>> = {
  arithmetic,
  multiplication,
  bitwise,
  shifts,
  extensions,
  comparisons,
  selects,
};

export const rules: readonly Rule[] = Object.values(ruleFamilies).flat();
