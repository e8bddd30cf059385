// Markdown and notebooks as pages. They are shown in a frame without scripts, so what their authors wrote can do no harm.
import path from 'node:path';
import * as z from 'zod/mini';
import type { Preview } from '../../contracts/panels/preview.ts';
import { artifactFile, readStart } from './artifactFiles.ts';

/** Makes HTML of Markdown. */
export type Markdown = (text: string) => Promise<string>;

const pictures: Record<string, string> = { '.png': 'image/png', '.jpg': 'image/jpeg', '.jpeg': 'image/jpeg', '.gif': 'image/gif', '.webp': 'image/webp', '.svg': 'image/svg+xml' };
/** All pictures of a page together, in bytes. */
const mostPictures = 10_000_000;

/** @param file where the text lies, inside `folder`: its pictures are those beside it */
export async function markdownPage(text: string, file: string, folder: string, markdown: Markdown): Promise<Preview> {
  return { kind: 'document', html: await withPictures(await markdown(text), path.dirname(file), folder), source: text };
}

/** Puts pictures that lie among the artifacts into the page, which can load nothing. */
async function withPictures(html: string, beside: string, folder: string): Promise<string> {
  const parts = html.split(/(<img\b[^>]*?\bsrc=")([^"]*)"/);
  let left = mostPictures;
  for (let at = 2; at < parts.length; at += 3) {
    const source = (parts[at] ?? '').replaceAll('&amp;', '&');
    const data = /^[a-z][a-z\d+.-]*:/i.test(source) ? null : await picture(source, beside, folder, left);
    left -= data?.length ?? 0;
    parts[at] = `${data ?? parts[at] ?? ''}"`;
  }
  return parts.join('');
}

async function picture(source: string, beside: string, folder: string, limit: number): Promise<string | null> {
  try {
    const place = decodeURIComponent(source.replace(/[?#].*$/, ''));
    const mime = pictures[path.extname(place).toLowerCase()];
    const { bytes, size } = await readStart(await artifactFile(folder, path.relative(folder, path.resolve(beside, place))), limit);
    return mime === undefined || size > limit ? null : `data:${mime};base64,${bytes.toString('base64')}`;
  } catch {
    // It stays a name: its text stands in its place.
    return null;
  }
}

const Lines = z.union([z.string(), z.array(z.string())]);
const Output = z.looseObject({ output_type: z.string(), text: z.optional(Lines), data: z.optional(z.record(z.string(), z.unknown())), ename: z.optional(z.string()), evalue: z.optional(z.string()), traceback: z.optional(z.array(z.string())) });
const Cell = z.looseObject({ cell_type: z.string(), source: Lines, outputs: z.optional(z.array(Output)), execution_count: z.optional(z.nullable(z.number())) });
const Notebook = z.looseObject({ cells: z.array(Cell) });
type Output = z.infer<typeof Output>;

/** More cells than these are not shown. */
const mostCells = 300;

/** The cells of a notebook of Jupyter with what they gave; null where it is none. */
export async function notebookPage(text: string, markdown: Markdown): Promise<Preview | null> {
  const parsed = Notebook.safeParse(parse(text));
  if (!parsed.success) {
    return null;
  }
  const { cells } = parsed.data;
  const shown = await Promise.all(
    cells.slice(0, mostCells).map(async ({ cell_type, source, outputs = [], execution_count = null }) =>
      cell_type === 'markdown' ? markdown(joined(source)) : `<div class="cell"><span class="count">[${execution_count ?? ' '}]</span><pre class="source">${escaped(joined(source))}</pre></div>${outputs.map(outputPage).join('')}`,
    ),
  );
  const more = cells.length > mostCells ? `<p>Only the first ${mostCells} of ${cells.length} cells are shown.</p>` : '';
  return { kind: 'document', html: `${shown.join('\n')}${more}`, source: null };
}

function outputPage({ text, data = {}, ename, evalue, traceback }: Output): string {
  const of = (mime: string): string | null => {
    const found = Lines.safeParse(data[mime]);
    return found.success ? joined(found.data) : null;
  };
  const image = Object.keys(data).find((mime) => /^image\/(png|jpeg|gif|webp)$/.test(mime));
  const [html, svg, plain] = [of('text/html'), of('image/svg+xml'), of('text/plain')];
  if (ename !== undefined) {
    return pre([...(traceback ?? []), ...(traceback === undefined ? [`${ename}: ${evalue ?? ''}`] : [])].join('\n'), 'output error');
  }
  if (image !== undefined) {
    return `<img alt="${escaped(plain ?? 'Picture')}" src="data:${image};base64,${escaped((of(image) ?? '').replace(/\s/g, ''))}">`;
  }
  if (svg !== null) {
    return `<img alt="${escaped(plain ?? 'Picture')}" src="data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}">`;
  }
  return html === null ? pre(text === undefined ? (plain ?? '') : joined(text), 'output') : `<div class="output">${html}</div>`;
}

function pre(text: string, name: string): string {
  // Colours that a terminal would show.
  return text === '' ? '' : `<pre class="${name}">${escaped(text.replace(/\u001b\[[\d;]*m/g, ''))}</pre>`;
}

function joined(lines: z.infer<typeof Lines>): string {
  return typeof lines === 'string' ? lines : lines.join('');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
