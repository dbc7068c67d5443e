import { command } from '../command.ts';
import { completionScript, shells } from '../completion-scripts.ts';
import { nearest } from '../nearest.ts';
import { UsageError } from '../usage-error.ts';

export const completion = command({
  name: 'completion',
  summary: 'print a completion script for a shell',
  operands: [{ name: 'SHELL', summary: 'bash, zsh or fish', required: true, complete: shells }],
  options: {},
  description: ['Completes commands, options, engines, files and the names of recordings.'],
  examples: [
    { command: 'source <(isochron completion bash)', says: 'complete in this bash' },
    { command: 'isochron completion zsh > "${fpath[1]}/_isochron"', says: 'install it for zsh' },
    { command: 'isochron completion fish | source', says: 'complete in this fish' },
  ],
  async run({ operands, terminal, allCommands }) {
    const shell = shells.find((candidate) => candidate === operands[0]);
    if (shell === undefined) {
      const near = nearest(operands[0]!, shells);
      throw new UsageError(
        `there is no completion script for ${operands[0]}`,
        near === undefined ? `give one of ${shells.join(', ')}` : `did you mean ${near}?`,
      );
    }
    terminal.write('stdout', completionScript(shell, await allCommands()));
    return 0;
  },
});
