// JSON as a tree that folds.
import type { ComponentChildren, JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { LinkButton } from '../components/controls.tsx';
import { count } from '../components/format.ts';
import { installStyles } from '../components/styles.ts';

installStyles(`
.json { font-family: var(--vscode-editor-font-family, monospace); overflow-wrap: anywhere; } .json details, .json .leaf { padding-left: 16px; } .json details { margin: 0; } .json summary { margin: 0 0 0 -16px; padding: 0; cursor: pointer; list-style-position: inside; } .json .name { font-weight: 600; }
`);

/** Of one object or list so many are drawn at first. */
const most = 100;

export function JsonPreview({ text }: { text: string }): JSX.Element {
  const [raw, setRaw] = useState(false);
  const value = useMemo((): unknown => JSON.parse(text), [text]);
  return (
    <>
      <div class="toolbar">
        <LinkButton onClick={() => setRaw(!raw)}>{raw ? 'Show as a tree' : 'Show as text'}</LinkButton>
      </div>
      {raw ? (
        <pre class="log" tabIndex={0}>
          {JSON.stringify(value, null, 2)}
        </pre>
      ) : (
        <div class="scroll json">
          <Value value={value} depth={0} />
        </div>
      )}
    </>
  );
}

function Value({ name, value, depth }: { name?: string; value: unknown; depth: number }): JSX.Element {
  const label = name === undefined ? null : <span class="name">{name}: </span>;
  if (typeof value !== 'object' || value === null) {
    return (
      <div class="leaf">
        {label}
        {JSON.stringify(value)}
      </div>
    );
  }
  const list = Array.isArray(value);
  const entries = Object.entries(value);
  const inside = list ? (entries.length === 1 ? '1 item' : `${count(entries.length)} items`) : entries.length === 1 ? '1 field' : `${count(entries.length)} fields`;
  return (
    <Folded
      open={depth < 2 && entries.length <= most}
      summary={
        <>
          {label}
          <span class="muted">{entries.length === 0 ? (list ? '[]' : '{}') : inside}</span>
        </>
      }
    >
      {() => <Entries entries={entries} depth={depth + 1} />}
    </Folded>
  );
}

/** What is folded is not drawn. */
function Folded({ open, summary, children }: { open: boolean; summary: ComponentChildren; children(): JSX.Element }): JSX.Element {
  const [shown, setShown] = useState(open);
  return (
    <details open={shown} onToggle={(event) => setShown(event.currentTarget.open)}>
      <summary>{summary}</summary>
      {shown ? children() : null}
    </details>
  );
}

function Entries({ entries, depth }: { entries: [string, unknown][]; depth: number }): JSX.Element {
  const [limit, setLimit] = useState(most);
  return (
    <>
      {entries.slice(0, limit).map(([key, each]) => (
        <Value key={key} name={key} value={each} depth={depth} />
      ))}
      {entries.length > limit ? <LinkButton onClick={() => setLimit(limit + 10 * most)}>{`Show more of ${count(entries.length)}`}</LinkButton> : null}
    </>
  );
}
