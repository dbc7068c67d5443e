import { escaped } from './junit.ts';

/**
 * Static pages that need no script: tables have captions and scoped headers and can be scrolled by keyboard, colours are doubled
 * by words, and both colour schemes have enough contrast.
 */
const style = `
:root { color-scheme: light dark; --good: #06632f; --bad: #a30f1d; --line: #8888; }
@media (prefers-color-scheme: dark) { :root { --good: #7ee2a1; --bad: #ff9aa2; } }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 1rem auto; max-width: 72rem; padding: 0 1rem; }
pre, td, code { font-family: ui-monospace, monospace; }
pre { overflow-x: auto; padding: .75rem; border: 1px solid var(--line); }
table { border-collapse: collapse; margin: .5rem 0; }
th, td { border: 1px solid var(--line); padding: .15rem .6rem; text-align: left; vertical-align: top; }
td.count { text-align: right; }
caption { text-align: left; font-weight: 600; padding: .25rem 0; }
tr.differs td { font-weight: 700; color: var(--bad); }
.verdict { font-size: 1.5rem; font-weight: 700; }
.holds { color: var(--good); } .refuted, .unfinished { color: var(--bad); }
.skip { position: absolute; left: -99rem; } .skip:focus { position: static; }
.scroll { overflow-x: auto; } details { margin: .25rem 0; } summary { cursor: pointer; }
`;

export const row = (head: string, cells: readonly string[], kind = ''): string =>
  `<tr${kind && ` class="${kind}"`}><th scope="row">${escaped(head)}</th>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`;

export function table(caption: string, heads: readonly string[], rows: readonly string[]): string {
  const columns = heads.map((head) => `<th scope="col">${escaped(head)}</th>`).join('');
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escaped(caption)}"><table><caption>${escaped(caption)}</caption><thead><tr>${columns}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

/** `skip`: what a reader may jump to at once, and what it is. */
export interface Page {
  readonly title: string;
  readonly skip: { readonly id: string; readonly what: string };
  readonly header: string;
  readonly main: readonly string[];
}

export const htmlPage = ({ title, skip, header, main }: Page): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<a class="skip" href="#${skip.id}">Skip to ${escaped(skip.what)}</a>
<header>
${header}
</header>
<main>
${main.join('\n')}
</main>
</body>
</html>
`;
