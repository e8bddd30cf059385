import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { FromRunPanel } from '../../src/contracts/panels/run.ts';
import type { RunDetail } from '../../src/contracts/runs.ts';
import { isSystemTag, noteTag } from '../../src/contracts/tags.ts';
import { Button, LinkButton } from '../components/controls.tsx';
import { Banner } from '../components/layout.tsx';
import { NoteText } from '../components/NoteText.tsx';
import { Tags } from './Tags.tsx';

interface Props {
  detail: RunDetail;
  /** Why the last change was not kept; a new object each time. */
  problem: { message: string } | null;
  post(message: FromRunPanel): void;
}

/** What people say about a run: its note, its tags, and whether it is the baseline of its experiment. */
export function Notes({ detail, problem, post }: Props): JSX.Element {
  const { run, pinned, baseline } = detail;
  const [shownProblem, setProblem] = useState<string | null>(null);
  useEffect(() => setProblem(problem?.message ?? null), [problem]);
  const edit = (change: Extract<FromRunPanel, { type: 'edit' }>['edit']): void => {
    setProblem(null);
    post({ type: 'edit', edit: change });
  };
  const bare = (run.tags[noteTag] ?? '') === '' && !pinned && baseline === null && Object.keys(run.tags).every(isSystemTag);
  return (
    // One line until there is something to read: what the run measured comes first.
    <section class={bare ? 'notes bare' : 'notes card'} aria-label="Notes and tags">
      {bare ? null : <h2>Notes and tags</h2>}
      {shownProblem === null ? null : <Banner kind="error">{shownProblem}</Banner>}
      <Note note={run.tags[noteTag] ?? ''} problem={problem} save={(note) => edit({ note })} />
      <Tags tags={run.tags} edit={(tags) => edit({ tags })} />
      <div class="toolbar">
        <Button onClick={() => edit({ baseline: !pinned })}>{pinned ? 'Unpin baseline' : 'Pin as baseline'}</Button>
        <span class="muted">
          {pinned ? `Other runs of ${run.experiment} show their difference to this one.` : baseline === null ? `Other runs then show their difference to this one.` : `The baseline of ${run.experiment} is ${baseline.name}.`}
        </span>
      </div>
    </section>
  );
}

function Note({ note, problem, save }: { note: string; problem: object | null; save(note: string): void }): JSX.Element {
  /** What is being written; null while nobody writes. */
  const [draft, setDraft] = useState<string | null>(null);
  /** What was sent: shown until the run itself says so, and given back where it was not kept. */
  const [sent, setSent] = useState<string | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const left = useRef(false);
  useEffect(() => setSent(null), [note]);
  useEffect(() => {
    if (problem !== null && sent !== null) {
      setDraft(sent);
      setSent(null);
    }
  }, [problem]);
  const writing = draft !== null;
  useEffect(() => {
    if (writing) {
      left.current = false;
      field.current?.focus();
    }
  }, [writing]);

  const leave = (keep: boolean): void => {
    // Taking the field away blurs it, which must not save once more.
    if (left.current || draft === null) {
      return;
    }
    left.current = true;
    const text = draft.trim();
    if (keep && text !== note) {
      setSent(text);
      save(text);
    }
    setDraft(null);
  };
  const now = sent ?? note;
  if (draft === null) {
    return (
      <div class="note">
        {now === '' ? null : <NoteText text={now} />}
        <LinkButton onClick={() => setDraft(now)}>{now === '' ? 'Add a note…' : 'Edit note'}</LinkButton>
      </div>
    );
  }
  return (
    <div class="note">
      <textarea
        ref={field}
        aria-label="Note"
        rows={Math.min(20, Math.max(3, draft.split('\n').length + 1))}
        value={draft}
        onInput={(event) => setDraft(event.currentTarget.value)}
        onBlur={() => leave(true)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') {
            leave(false);
          } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            leave(true);
          }
        }}
      />
      <div class="muted">Ctrl+Enter or leaving the field saves, Escape cancels. **bold**, `code`, lists with - and [links](https://…) are shown as such.</div>
    </div>
  );
}
