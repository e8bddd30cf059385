import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { LinkButton } from './controls.tsx';

/** The output; follows its end unless the person scrolled up. */
export function Log({ text, cut, running, showAll }: { text: string; cut: boolean; running: boolean; showAll(): void }): JSX.Element | null {
  const box = useRef<HTMLPreElement>(null);
  const follows = useRef(true);
  useLayoutEffect(() => {
    if (box.current !== null && follows.current) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [text]);
  if (text === '' && !running) {
    return null;
  }
  return (
    <section class="section" aria-label="Output">
      <h2>Output</h2>
      {cut ? (
        <p class="muted">
          Only the end is shown. <LinkButton onClick={showAll}>Show the whole output</LinkButton>
        </p>
      ) : null}
      <pre
        ref={box}
        class="log"
        role="group"
        tabIndex={0}
        aria-label="Output"
        onScroll={(event) => {
          const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
          follows.current = scrollHeight - scrollTop - clientHeight < 24;
        }}
      >
        {text === '' ? 'Nothing yet.' : plain(text)}
      </pre>
    </section>
  );
}

const escapes = new RegExp(String.raw`\u001b\[[0-9;?]*[ -/]*[@-~]`, 'g');

/** Without colours; of a line that was drawn over, the last state. */
function plain(text: string): string {
  return text.replace(escapes, '').replace(/\r\n/g, '\n').replace(/[^\n]*\r(?=[^\n])/g, '');
}
