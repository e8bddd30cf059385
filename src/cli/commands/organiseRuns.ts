// What `runs` does to put runs in order.
import { UserError } from '../../contracts/errors.ts';
import type { RunFilter } from '../../contracts/experiments.ts';
import type { RunEdit, RunSummary } from '../../contracts/runs.ts';
import { noteTag } from '../../contracts/tags.ts';
import type { ProjectClient } from '../../core/client/api.ts';
import { required, type Context } from '../context.ts';

/** Options of `runs list`. */
export const listOptions = {
  archived: { help: 'With list: the archived runs' },
  experiment: { value: 'NAME', help: 'With list: the runs of this experiment' },
  filter: { value: 'TEXT', help: `With list: only runs that hold these words, or a comparison such as "metrics.accuracy > 0.9 AND params.model = 'tree'"` },
};

export function filterOf(context: Context): RunFilter {
  const { text, flag } = context.arguments;
  const [filter, experiment] = [text('filter'), text('experiment')];
  return { ...(filter === undefined ? {} : { text: filter }), ...(experiment === undefined ? {} : { experiment }), archived: flag('archived') };
}

type Action = (context: Context, client: ProjectClient) => Promise<number>;

/** Actions by their word. `unarchive`, as `restore` brings a run's code back. */
export const organising: Record<string, Action> = {
  archive: (context, client) => each(context, client, { archived: true }, 'Archived'),
  unarchive: (context, client) => each(context, client, { archived: false }, 'Restored'),
  pin: (context, client) => one(context, client, { baseline: true }, (run) => `${run.name} is the baseline of ${run.experiment}.`),
  unpin: (context, client) => one(context, client, { baseline: false }, (run) => `${run.name} is not the baseline of ${run.experiment} any more.`),
  async note(context, client) {
    const text = context.arguments.positionals.slice(2).join(' ');
    if (context.arguments.positionals.length > 2) {
      return one(context, client, { note: text }, (run) => `Wrote the note of ${run.name}.`);
    }
    const { run } = await client.run(required(context, 1, '<run>'));
    const note = run.tags[noteTag] ?? '';
    context.result({ run_id: run.run_id, note }, note === '' ? `${run.name} has no note. Write one with: runs note ${run.run_id} "<text>"` : note);
    return 0;
  },
  tag: (context, client) => one(context, client, { tags: tagsOf(context.arguments.positionals.slice(2)) }, (run) => `Changed the tags of ${run.name}.`),
};

/** `name=value` sets a tag, `name=` removes it. @throws UserError for anything else. */
function tagsOf(words: readonly string[]): Record<string, string | null> {
  if (words.length === 0) {
    throw new UserError('Name at least one tag, as name=value; name= removes it.', { field: '<name>=<value>' });
  }
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=');
      if (at < 1) {
        throw new UserError(`"${word}" is no tag. Write name=value, or name= to remove it.`, { field: '<name>=<value>' });
      }
      return [word.slice(0, at), word.slice(at + 1) || null];
    }),
  );
}

async function one(context: Context, client: ProjectClient, edit: RunEdit, said: (run: RunSummary) => string): Promise<number> {
  const run_id = required(context, 1, '<run>');
  await client.editRun(run_id, edit);
  const { run } = await client.run(run_id);
  context.result({ run }, said(run));
  return 0;
}

async function each(context: Context, client: ProjectClient, edit: RunEdit, done: string): Promise<number> {
  required(context, 1, '<run>');
  const run_ids = context.arguments.positionals.slice(1);
  for (const run_id of run_ids) {
    await client.editRun(run_id, edit);
  }
  context.result({ run_ids }, `${done} ${run_ids.length === 1 ? '1 run' : `${run_ids.length} runs`}.`);
  return 0;
}
