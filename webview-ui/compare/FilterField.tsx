import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

const examples = ['metrics.accuracy > 0.9', "params.model = 'tree' AND metrics.rmse < 1", "attributes.status = 'FINISHED'", "tags.team LIKE 'a%'", "attributes.run_name ILIKE '%trial%'"];

/** What is typed is searched for after so many milliseconds without another key, or at once with Enter. */
const pause = 400;

/** The search language, with what is wrong under it. */
export function FilterField({ filter, problem, onFilter }: { filter: string; problem: string | null; onFilter(filter: string): void }): JSX.Element {
  const [text, setText] = useState(filter);
  const [helped, setHelped] = useState(false);
  useEffect(() => setText(filter), [filter]);
  useEffect(() => {
    const timer = setTimeout(() => (text === filter ? undefined : onFilter(text)), pause);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div class="filter">
      <input
        type="search"
        spellcheck={false}
        aria-label="Filter runs"
        aria-invalid={problem !== null}
        aria-describedby="filter-problem"
        placeholder="Filter, for example metrics.accuracy > 0.9"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => (event.key === 'Enter' ? onFilter(text) : undefined)}
        onFocus={() => setHelped(true)}
        onBlur={() => {
          setHelped(false);
          if (text !== filter) {
            onFilter(text);
          }
        }}
      />
      <div id="filter-problem" role="status">
        {problem === null ? null : <div class="problem">{problem}</div>}
      </div>
      {helped && text === '' ? (
        <div class="hint">
          {examples.map((example) => (
            <span key={example}>
              <code
                onMouseDown={(event) => {
                  event.preventDefault();
                  setText(example);
                }}
              >
                {example}
              </code>{' '}
            </span>
          ))}
        </div>
      ) : null}
    </div>
  );
}
