import { command } from '../command.ts';
import { toJson } from '../json.ts';
import { flag, parseAddress, single } from '../option-values.ts';
import { jsonOption } from '../shared-options.ts';
import { columns, sideBySide } from '../tables.ts';

export const explain = command({
  name: 'explain',
  summary: 'show what instructions are made of and become: fields, IR, engine code',
  operands: [
    {
      name: 'CODE',
      summary: 'bytes in memory order (3385c500), or assembly in quotes, with ; between instructions',
      required: true,
      repeated: true,
    },
  ],
  options: {
    origin: single('ADDR', 'the address of the first byte', parseAddress, { fallback: '0x10000' }),
    stacked: flag('print the views below each other'),
    passes: flag('show the IR after each pass of the optimiser'),
    ...jsonOption,
  },
  description: [
    'For each instruction: its encoding cut into the fields of the manual’s pattern, its assembly and its section in the manual. Then the whole code side by side as assembly, as IR and, where an engine can show it, as the code that the engine makes of it. All of it derives from the one row that defines the instruction.',
    'With --passes the IR of the whole code follows as each pass of the optimiser leaves it; a pass that finds nothing to do says so.',
  ],
  examples: [
    { command: "isochron explain 'add a0, a1, a2'", says: 'one instruction' },
    { command: "isochron explain 'loop: addi a0, a0, -1; bnez a0, loop'", says: 'a loop' },
    {
      command: "isochron explain --passes 'slli a0, a0, 32; srli a0, a0, 32'",
      says: 'what the optimiser makes of it, pass by pass',
    },
  ],
  async run({ options, operands, terminal, codeView }) {
    const { codeOfWords } = await import('../guest-code.ts');
    const { explainCode } = await import('../explanation.ts');
    const { listCode } = await import('../listing.ts');
    const origin = options.origin ?? 0x10000n;
    const code = codeOfWords(operands, origin);
    const explanation = explainCode(code, origin);
    const view = await codeView();
    const engineCode =
      view === undefined || explanation.ir === ''
        ? undefined
        : view.show(explanation.isa, code.subarray(0, explanation.length), origin);
    const { instructions, ir, passes } = explanation;
    if (options.json) {
      terminal.write(
        'stdout',
        toJson({
          instructions,
          ir,
          ...(options.passes && { passes }),
          ...(view && { [view.engine]: engineCode }),
        }),
      );
      return 0;
    }
    const bold = (text: string) => terminal.styled('stdout', 'bold', text);
    for (const { address, bytes, text, row, fields, expansion } of instructions) {
      terminal.write('stdout', `${bold(`${address.toString(16)}: ${text}`)}\n`);
      if (row)
        terminal.write(
          'stdout',
          columns([
            ['  bytes', bytes],
            ['  pattern', row.pattern],
            ['  bits', row.bits],
            ['  fields', fields.map(({ name, value }) => `${name}=${value}`).join('  ') || 'none'],
            ...(expansion === undefined ? [] : [['  short for', expansion]]),
            ['  manual', row.spec],
          ]),
        );
      else terminal.write('stdout', columns([['  bytes', bytes], ['  no instruction has this encoding']]));
      terminal.write('stdout', '\n');
    }
    const blocks = [
      {
        title: 'assembly',
        text: listCode(code, origin)
          .map((cells) => cells.join('  ').trim())
          .join('\n'),
      },
      { title: 'IR', text: ir },
      ...(view === undefined || engineCode === undefined ? [] : [{ title: view.engine, text: engineCode }]),
    ];
    if (options.stacked)
      for (const { title, text } of blocks) terminal.write('stdout', `${bold(title)}\n${text}\n\n`);
    else terminal.write('stdout', sideBySide(blocks));
    if (options.passes)
      for (const { name, summary, changed, ir: after } of passes)
        terminal.write('stdout', `\n${bold(name)}: ${summary}\n${changed ? after : '  nothing to do'}\n`);
    return 0;
  },
});
