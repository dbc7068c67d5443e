import { command } from '../command.ts';
import { toJson } from '../json.ts';
import { jsonOption } from '../shared-options.ts';
import { columns } from '../tables.ts';

export const doctor = command({
  name: 'doctor',
  summary: 'tell what this machine offers to Isochron',
  operands: [],
  options: { ...jsonOption },
  description: [
    'Checks what Isochron needs (Node, WebAssembly features, node:sqlite), runs an instruction sequence on every engine, and looks for the optional tools that its tests compare with.',
  ],
  exitStatuses: [['1', 'something that Isochron needs is missing']],
  examples: [{ command: 'isochron doctor', says: 'check this machine' }],
  async run({ options, terminal, open }) {
    const { examineMachine } = await import('../machine-facts.ts');
    const facts = await examineMachine(terminal.environment, () => open('none'));
    const missing = facts.filter(({ state }) => state === 'missing');
    if (options.json) terminal.write('stdout', toJson({ ok: missing.length === 0, facts }));
    else {
      const marks = { present: 'ok', absent: '-', missing: 'MISSING', info: '' } as const;
      terminal.write('stdout', columns(facts.map(({ name, state, detail }) => [marks[state], name, detail])));
      terminal.write(
        'stdout',
        missing.length === 0
          ? '\neverything that Isochron needs is here; “-” marks optional tools that are not\n'
          : `\nmissing: ${missing.map(({ name }) => name).join(', ')}\n`,
      );
    }
    return missing.length === 0 ? 0 : 1;
  },
});
