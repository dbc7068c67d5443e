import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** Writes docs/reference/events.md from the event types and their comments. `--check` only says whether it is fresh. */

const root = fileURLToPath(new URL('..', import.meta.url));
const target = `${root}docs/reference/events.md`;
const aggregates = [
  {
    title: 'Virtual machine',
    file: 'src/domain/virtual-machine/events.ts',
    stored:
      'Stream `machine-<recording>`; what a branch has of its own, stream `branch-<recording>:<branch>`. Stored.',
  },
  {
    title: 'Address space',
    file: 'src/domain/address-space/events.ts',
    stored: 'Re-derived from the recording, not stored.',
  },
  {
    title: 'Translation block',
    file: 'src/domain/translation-block/events.ts',
    stored: 'Stream `translation-block-<sha256 of code, instruction set and mode>`.',
  },
  {
    title: 'Effects index',
    file: 'src/domain/effects-index/events.ts',
    stored: 'Stream `effects-<recording>`.',
  },
  {
    title: 'Profile',
    file: 'src/domain/profile/events.ts',
    stored: 'Stream `profile-<sha256 of the program>`.',
  },
  {
    title: 'Campaign',
    file: 'src/domain/campaign/events.ts',
    stored: 'Stream `campaign-<name>`, stored when a name is given.',
  },
  {
    title: 'Replay campaign',
    file: 'src/domain/replay-campaign/events.ts',
    stored: 'Stream `replay-<name>`.',
  },
  {
    title: 'Shard work',
    file: 'src/domain/shard-work/events.ts',
    stored: 'Stream `work`.',
  },
  {
    title: 'Consumer group',
    file: 'src/domain/consumer-group/events.ts',
    stored: 'Stream `group-<group>-<stream>`, in stores without a server.',
  },
] as const;

/** The comment of a declaration as one paragraph. */
function commentOf(node: ts.Node): string {
  const [doc] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).slice(-1);
  return (ts.getTextOfJSDocComment(doc?.comment) ?? '').replaceAll(/\s+/g, ' ');
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');

/** The `/** … *\/` that stands before a member of a union, which TypeScript attaches to no node. */
function leadingComment(node: ts.Node, source: ts.SourceFile): string {
  const ranges = ts.getLeadingCommentRanges(source.text, node.pos) ?? [];
  const before = source.text
    .slice(0, node.getStart(source))
    .match(/\/\*\*((?:(?!\*\/)[^])*)\*\/\s*\|?\s*$/)?.[1];
  const text =
    ranges.length > 0 ? source.text.slice(ranges.at(-1)!.pos + 3, ranges.at(-1)!.end - 2) : (before ?? '');
  return text.replaceAll(/\s*\n\s*\*?\s*/g, ' ').trim();
}

interface EventType {
  readonly comment: string;
  readonly name: string;
  readonly version: string;
  readonly data: ts.TypeNode;
}

function eventsOf(source: ts.SourceFile): readonly EventType[] {
  const found: EventType[] = [];
  const visit = (node: ts.Node): void => {
    if (
      ts.isTypeReferenceNode(node) &&
      node.typeName.getText(source) === 'DomainEvent' &&
      node.typeArguments
    ) {
      const [name, version, data] = node.typeArguments;
      if (name && version && data)
        found.push({
          comment: leadingComment(node, source),
          name: name.getText(source).slice(1, -1),
          version: version.getText(source),
          data,
        });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function fieldsOf(
  data: ts.TypeNode,
  source: ts.SourceFile,
): { members: readonly ts.TypeElement[]; comment: string } {
  if (ts.isTypeLiteralNode(data)) return { members: data.members, comment: '' };
  const name = data.getText(source);
  const declared = [source, ...importedBy(source)]
    .flatMap((file) => [...file.statements])
    .find(
      (each): each is ts.InterfaceDeclaration => ts.isInterfaceDeclaration(each) && each.name.text === name,
    );
  return { members: declared?.members ?? [], comment: declared ? commentOf(declared) : '' };
}

const parse = (path: string): ts.SourceFile =>
  ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);

const importedBy = (source: ts.SourceFile): readonly ts.SourceFile[] =>
  source.statements
    .filter(ts.isImportDeclaration)
    .map(({ moduleSpecifier }) => (moduleSpecifier as ts.StringLiteral).text)
    .map((specifier) => parse(join(dirname(source.fileName), specifier)));

function section(title: string, file: string, stored: string): string {
  const source = parse(root + file);
  const events = eventsOf(source);
  if (events.length === 0) throw new Error(`${file} has no event types`);
  const parts = events.map(({ name, version, data, comment: above }) => {
    const fields = fieldsOf(data, source);
    const { members } = fields;
    const comment = above || fields.comment;
    const rows = members.filter(ts.isPropertySignature).map((member) => {
      const type = member.type?.getText() ?? '';
      const optional = member.questionToken ? '?' : '';
      return `| \`${member.name.getText()}${optional}\` | \`${cell(type)}\` | ${cell(commentOf(member))} |`;
    });
    const table =
      rows.length > 0 ? ['', '| field | type | meaning |', '|---|---|---|', ...rows] : ['', 'No data.'];
    return [`### ${name} (version ${version})`, ...(comment ? ['', comment] : []), ...table].join('\n');
  });
  return [`## ${title}`, '', stored, '', parts.join('\n\n')].join('\n');
}

const text = `# Events

<!-- Generated from the types by \`npm run docs:events\`; do not edit. -->

${aggregates.map(({ title, file, stored }) => section(title, file, stored)).join('\n\n')}
`;

if (process.argv.includes('--check')) {
  let present = '';
  try {
    present = readFileSync(target, 'utf8');
  } catch {
    present = '';
  }
  if (present !== text) {
    process.stderr.write('docs/reference/events.md is stale: run `npm run docs:events`\n');
    process.exitCode = 1;
  }
} else writeFileSync(target, text);
