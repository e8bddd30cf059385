// Edits of a run that a remote server has: made there first, so that what it refuses is not done here either.
import { baselineTag } from '../../contracts/runs.ts';
import type { RunEdit } from '../../contracts/server.ts';
import type { MlflowClient } from './mlflowClient.ts';
import { answers } from './mlflowWire.ts';
import { isMissing } from './remoteSource.ts';

/** @param id of the run there. @throws UserError with the server's own words where it refuses. */
export async function editThere(client: MlflowClient, id: string, edit: RunEdit): Promise<void> {
  const send = (path: string, body: object): Promise<unknown> => client.post(answers.anything, path, body);
  const ofRun = { run_id: id, run_uuid: id };
  // An archived run takes no other edit.
  if (edit.archived === false) {
    await send('runs/restore', { run_id: id });
  }
  if (edit.name !== undefined) {
    await send('runs/update', { ...ofRun, run_name: edit.name });
  }
  const tags = { ...(edit.note === undefined ? {} : { 'mlflow.note.content': edit.note }), ...edit.tags };
  for (const [key, value] of Object.entries(tags)) {
    if (value === null) {
      await send('runs/delete-tag', { run_id: id, key });
    } else {
      await send('runs/set-tag', { ...ofRun, key, value });
    }
  }
  if (edit.baseline !== undefined) {
    await setBaseline(client, id, edit.baseline);
  }
  if (edit.archived === true) {
    await send('runs/delete', { run_id: id });
  }
}

async function setBaseline(client: MlflowClient, id: string, baseline: boolean): Promise<void> {
  const { experiment_id } = (await client.get(answers.run, 'runs/get', { run_id: id, run_uuid: id })).run.info;
  if (baseline) {
    await client.post(answers.anything, 'experiments/set-experiment-tag', { experiment_id, key: baselineTag, value: id });
    return;
  }
  try {
    await client.post(answers.anything, 'experiments/delete-experiment-tag', { experiment_id, key: baselineTag });
  } catch (error) {
    if (!isMissing(error)) {
      throw error;
    }
    // A server that cannot delete such a tag; an empty one names no run.
    await client.post(answers.anything, 'experiments/set-experiment-tag', { experiment_id, key: baselineTag, value: '' });
  }
}
