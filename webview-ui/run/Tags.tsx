import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { isSystemTag, noteTag } from '../../src/contracts/tags.ts';
import { LinkButton } from '../components/controls.tsx';
import { Icon } from '../components/icons.tsx';

interface Props {
  tags: Record<string, string>;
  /** A tag of null is removed. */
  edit(tags: Record<string, string | null>): void;
}

/** The run's tags, to add, change and remove; those that programs keep their own facts in are only shown. */
export function Tags({ tags, edit }: Props): JSX.Element {
  /** The tag that is being written: '' for a new one, null for none. */
  const [writing, setWriting] = useState<string | null>(null);
  const [all, setAll] = useState(false);
  const entries = Object.entries(tags).filter(([key]) => key !== noteTag);
  const own = entries.filter(([key]) => !isSystemTag(key));
  const system = entries.filter(([key]) => isSystemTag(key));
  const save = (key: string, value: string): void => {
    setWriting(null);
    if (key !== '' && tags[key] !== value) {
      edit({ [key]: value });
    }
  };
  return (
    <div>
      <ul class="chips" aria-label="Tags">
        {own.map(([key, value]) =>
          writing === key ? (
            <li key={key}>
              <TagForm name={key} value={value} save={save} cancel={() => setWriting(null)} />
            </li>
          ) : (
            <li key={key} class="chip">
              <button type="button" class="plain" title={`Change ${key}`} onClick={() => setWriting(key)}>
                <Pair name={key} value={value} />
              </button>
              <button type="button" class="plain remove" aria-label={`Remove the tag ${key}`} title="Remove" onClick={() => edit({ [key]: null })}>
                <Icon name="remove" />
              </button>
            </li>
          ),
        )}
        <li>{writing === '' ? <TagForm name="" value="" save={save} cancel={() => setWriting(null)} /> : <LinkButton onClick={() => setWriting('')}>Add a tag…</LinkButton>}</li>
      </ul>
      {system.length === 0 ? null : <LinkButton onClick={() => setAll(!all)}>{all ? 'Hide tags of programs' : `Show all tags (${system.length} more)`}</LinkButton>}
      {all ? (
        <dl class="pairs" style={{ marginTop: '8px' }}>
          {system.map(([key, value]) => (
            <>
              <dt class="mono">{key}</dt>
              <dd>{value}</dd>
            </>
          ))}
        </dl>
      ) : null}
    </div>
  );
}

function Pair({ name, value }: { name: string; value: string }): JSX.Element {
  return (
    <>
      {name}
      {value === '' ? null : <span class="muted"> {value}</span>}
    </>
  );
}

function TagForm({ name, value, save, cancel }: { name: string; value: string; save(name: string, value: string): void; cancel(): void }): JSX.Element {
  const [key, setKey] = useState(name);
  const [text, setText] = useState(value);
  return (
    <form
      class="tagform"
      onSubmit={(event) => {
        event.preventDefault();
        save(key.trim(), text.trim());
      }}
      onKeyDown={(event) => (event.key === 'Escape' ? cancel() : undefined)}
    >
      {name === '' ? <input ref={focusFirst} aria-label="Name of the tag" placeholder="name" value={key} onInput={(event) => setKey(event.currentTarget.value)} /> : <span>{name}</span>}
      <input ref={name === '' ? null : focusFirst} aria-label={name === '' ? 'Value of the tag' : `Value of ${name}`} placeholder="value" value={text} onInput={(event) => setText(event.currentTarget.value)} />
      <button type="submit" class="link" disabled={key.trim() === ''}>
        Save
      </button>
      <LinkButton onClick={cancel}>Cancel</LinkButton>
    </form>
  );
}

/** Once, when the field comes. */
function focusFirst(field: HTMLInputElement | null): void {
  if (field !== null && field.dataset['seen'] === undefined) {
    field.dataset['seen'] = '';
    field.focus();
  }
}
