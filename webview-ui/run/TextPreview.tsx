import type { JSX } from 'preact';
import type { Preview } from '../../src/contracts/panels/preview.ts';
import { LinkButton } from '../components/controls.tsx';
import { bytes } from '../components/format.ts';

type Text = Extract<Preview, { kind: 'text' }>;

/** A text, in parts where it is long. @param read asks for the part that begins at a byte, counted from the end where that is negative */
export function TextPreview({ preview: { text, from, to, size }, read }: { preview: Text; read(from: number): void }): JSX.Element {
  const part = to - from;
  return (
    <>
      <pre key={from} class="log" tabIndex={0}>
        {text === '' ? 'The file is empty.' : text}
      </pre>
      {part >= size ? null : (
        <div class="toolbar" style={{ marginTop: '8px' }}>
          <span class="muted" role="status">{`${bytes(from)} to ${bytes(to)} of ${bytes(size)}`}</span>
          {from > 0 ? (
            <>
              <LinkButton onClick={() => read(0)}>Beginning</LinkButton>
              <LinkButton onClick={() => read(Math.max(0, from - longest))}>Back</LinkButton>
            </>
          ) : null}
          {to < size ? (
            <>
              <LinkButton onClick={() => read(to)}>Forward</LinkButton>
              <LinkButton onClick={() => read(-longest)}>End</LinkButton>
            </>
          ) : null}
        </div>
      )}
    </>
  );
}

/** A part has about so many bytes. */
const longest = 200_000;
