// What a person changes of a run in its panel, and what others change of it meanwhile.
import type * as vscode from 'vscode';
import type { RunEdit } from '../../contracts/runs.ts';
import type { Panel } from '../platform/panels.ts';
import { sentenceOf } from '../platform/problems.ts';
import type { ProjectSession } from '../platform/session.ts';
import { isEnded } from './runs.ts';

/** Changes the run; where that fails its panel says why and gives back what was written. */
export async function editRun(session: ProjectSession, panel: Panel<'run'>, edit: RunEdit): Promise<void> {
  try {
    await (await session.client()).editRun(panel.state.run_id, edit);
  } catch (error) {
    panel.post({ type: 'not_edited', message: sentenceOf(error) });
  }
}

/** Shows in a run's panel what was changed of it or of its experiment, here or elsewhere. Runs that go on are followed already. */
export function followEdits(session: ProjectSession, panel: Panel<'run'>): vscode.Disposable {
  const { run_id } = panel.state;
  return session.onEvent((event) => {
    if (panel.visible && (event.type === 'experiments' || (event.type === 'run' && event.run.run_id === run_id && isEnded(event.run)))) {
      session
        .client()
        .then((client) => client.run(run_id))
        .then((detail) => panel.post({ type: 'detail', detail }))
        .catch((error: unknown) => panel.post({ type: 'not_edited', message: sentenceOf(error) }));
    }
  });
}
