import type { AnyCommand, Completion, Option } from './command.ts';

/** Completion scripts for three shells, from the command table. Recordings are asked of `isochron recordings list --names`. */

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

export function completionScript(shell: Shell, commands: readonly AnyCommand[]): string {
  switch (shell) {
    case 'bash':
      return bash(commands);
    case 'zsh':
      return zsh(commands);
    case 'fish':
      return fish(commands);
  }
}

const listRecordings = 'isochron recordings list --names 2>/dev/null';
const engines = ['wasm', 'golden'];

const longNames = (command: AnyCommand): readonly string[] =>
  [...Object.keys(command.options), 'help'].map((name) => `--${name}`);

const optionsWithValue = (
  command: AnyCommand,
): readonly (readonly [string, Exclude<Option, { kind: 'flag' }>])[] =>
  Object.entries(command.options).flatMap(([name, option]) =>
    option.kind === 'flag' ? [] : [[name, option] as const],
  );

const heads = (commands: readonly AnyCommand[]): readonly string[] => [
  ...new Set(commands.map(({ name }) => name.split(' ')[0]!)),
];

const members = (commands: readonly AnyCommand[], head: string): readonly string[] =>
  commands.flatMap(({ name }) => (name.startsWith(`${head} `) ? [name.slice(head.length + 1)] : []));

function bashReply(complete: Completion | undefined): string {
  if (complete === undefined) return 'COMPREPLY=()';
  if (complete === 'file') return 'COMPREPLY=($(compgen -f -- "$word"))';
  if (complete === 'directory') return 'COMPREPLY=($(compgen -d -- "$word"))';
  if (complete === 'recording') return `COMPREPLY=($(compgen -W "$(${listRecordings})" -- "$word"))`;
  const words = complete === 'engine' ? engines : complete;
  return `COMPREPLY=($(compgen -W "${words.join(' ')}" -- "$word"))`;
}

function bash(commands: readonly AnyCommand[]): string {
  const cases = commands.map((command) => {
    const values = optionsWithValue(command).map(
      ([name, option]) => `        --${name}) ${bashReply(option.complete)}; return ;;`,
    );
    return [
      `    '${command.name}')`,
      '      case "$previous" in',
      ...values,
      '      esac',
      `      if [[ $word == -* ]]; then COMPREPLY=($(compgen -W "${longNames(command).join(' ')}" -- "$word"))`,
      `      else ${bashReply(command.operands[0]?.complete)}; fi ;;`,
    ].join('\n');
  });
  const groups = heads(commands).filter((head) => members(commands, head).length > 0);
  return [
    '# bash completion of isochron: source <(isochron completion bash)',
    '_isochron() {',
    '  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}',
    '  if ((COMP_CWORD == 1)); then',
    `    COMPREPLY=($(compgen -W "${heads(commands).join(' ')} --help --version" -- "$word")); return`,
    '  fi',
    '  case "$command" in',
    ...groups.map((head) =>
      [
        `    ${head})`,
        '      if ((COMP_CWORD == 2)); then',
        `        COMPREPLY=($(compgen -W "${members(commands, head).join(' ')}" -- "$word")); return`,
        '      fi',
        '      command="$command ${COMP_WORDS[2]}" ;;',
      ].join('\n'),
    ),
    '  esac',
    '  case "$command" in',
    ...cases,
    '  esac',
    '}',
    'complete -o filenames -F _isochron isochron',
    '',
  ].join('\n');
}

const zshWords: Readonly<Record<string, string>> = {
  file: '_files',
  directory: '_files -/',
  recording: `compadd -- \${(f)"$(${listRecordings})"}`,
  engine: `compadd -- ${engines.join(' ')}`,
};

const zshReply = (complete: Completion | undefined): string => {
  if (complete === undefined) return ':';
  return typeof complete === 'string' ? zshWords[complete]! : `compadd -- ${complete.join(' ')}`;
};

function zsh(commands: readonly AnyCommand[]): string {
  const cases = commands.map((command) =>
    [
      `    '${command.name}')`,
      '      case $previous in',
      ...optionsWithValue(command).map(
        ([name, option]) => `        --${name}) ${zshReply(option.complete)}; return ;;`,
      ),
      '      esac',
      `      if [[ $word == -* ]]; then compadd -- ${longNames(command).join(' ')}`,
      `      else ${zshReply(command.operands[0]?.complete)}; fi ;;`,
    ].join('\n'),
  );
  const groups = heads(commands).filter((head) => members(commands, head).length > 0);
  return [
    '#compdef isochron',
    '# zsh completion of isochron: isochron completion zsh > "${fpath[1]}/_isochron"',
    '_isochron() {',
    '  local word=$words[CURRENT] previous=$words[CURRENT-1] command=$words[2]',
    `  if ((CURRENT == 2)); then compadd -- ${heads(commands).join(' ')} --help --version; return; fi`,
    '  case $command in',
    ...groups.map((head) =>
      [
        `    ${head})`,
        `      if ((CURRENT == 3)); then compadd -- ${members(commands, head).join(' ')}; return; fi`,
        '      command="$command $words[3]" ;;',
      ].join('\n'),
    ),
    '  esac',
    '  case $command in',
    ...cases,
    '  esac',
    '}',
    'if [[ $funcstack[1] == _isochron ]]; then _isochron "$@"; else compdef _isochron isochron; fi',
    '',
  ].join('\n');
}

const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function fishArguments(complete: Completion | undefined): string {
  if (complete === undefined) return '-x';
  if (complete === 'file') return '-r -F';
  if (complete === 'directory') return "-x -a '(__fish_complete_directories)'";
  if (complete === 'recording') return `-x -a '(${listRecordings})'`;
  return `-x -a '${(complete === 'engine' ? engines : complete).join(' ')}'`;
}

function fish(commands: readonly AnyCommand[]): string {
  const lines = [
    '# fish completion of isochron: isochron completion fish | source',
    'complete -c isochron -f',
    "complete -c isochron -n __fish_use_subcommand -l version -d 'print the version'",
  ];
  for (const head of heads(commands)) {
    const own = commands.find(({ name }) => name === head);
    const summary = own?.summary ?? `${members(commands, head).join(', ')}`;
    lines.push(`complete -c isochron -n __fish_use_subcommand -a ${head} -d ${quote(summary)}`);
  }
  for (const command of commands) {
    const [head, member] = command.name.split(' ');
    const seen = member === undefined ? head! : `${head}; and __fish_seen_subcommand_from ${member}`;
    const group = members(commands, head!).join(' ');
    if (member !== undefined)
      lines.push(
        `complete -c isochron -n '__fish_seen_subcommand_from ${head}; and not __fish_seen_subcommand_from ${group}' -a ${member} -d ${quote(command.summary)}`,
      );
    const when = `-n '__fish_seen_subcommand_from ${seen}'`;
    for (const [name, option] of Object.entries(command.options)) {
      const value = option.kind === 'flag' ? '' : ` ${fishArguments(option.complete)}`;
      lines.push(`complete -c isochron ${when} -l ${name}${value} -d ${quote(option.summary)}`);
    }
    lines.push(`complete -c isochron ${when} -l help -d 'print the manual'`);
    const operand = command.operands[0]?.complete;
    if (operand !== undefined)
      lines.push(
        `complete -c isochron ${when} ${fishArguments(operand).replace('-x', '-f').replace('-r ', '')}`,
      );
  }
  return `${lines.join('\n')}\n`;
}
