// What changes in a run that goes on, sent to its panel and gathered over a moment.
import type { ProjectClient } from '../../core/client/api.ts';
import type { Editor } from '../platform/editor.ts';
import type { Panel } from '../platform/panels.ts';
import { sentenceOf } from '../platform/problems.ts';
import type { ProjectSession } from '../platform/session.ts';
import { Throttle } from '../platform/throttle.ts';
import type { RunCurves } from './runCurves.ts';
import { isEnded } from './runs.ts';

/** In milliseconds. */
const pause = 300;

/**
 * Sends what changes until the run has ended, then calls `ended`. Gives what stops it.
 *
 * @param outputFrom the byte to go on from; null where the run has no job, and so no output.
 */
export function followRun(editor: Editor, panel: Panel<'run'>, session: ProjectSession, client: ProjectClient, curves: RunCurves, outputFrom: number | null, ended: () => void): () => void {
  const { run_id } = panel.state;
  const aborted = new AbortController();
  const { signal } = aborted;
  let gathered = '';

  const update = async (): Promise<void> => {
    const detail = await client.run(run_id);
    if (signal.aborted) {
      return;
    }
    if (isEnded(detail.run)) {
      stop();
      ended();
      return;
    }
    panel.post({ type: 'detail', detail });
    await curves.news(client);
  };
  const report = (error: unknown): void => {
    if (!signal.aborted) {
      editor.log.warn(`Following run ${run_id}: ${sentenceOf(error)}`);
    }
  };
  let updating: Promise<void> = Promise.resolve();
  const news = new Throttle(() => {
    updating = updating.then(update).catch(report);
  }, pause);
  const text = new Throttle(() => {
    if (gathered !== '') {
      panel.post({ type: 'output', text: gathered });
      gathered = '';
    }
  }, pause);
  const events = session.onEvent((event) => {
    if ((event.type === 'run' && event.run.run_id === run_id) || (event.type === 'job' && event.job.run_id === run_id)) {
      news.poke();
    }
  });
  const stop = (): void => {
    aborted.abort();
    events.dispose();
    news.dispose();
    text.dispose();
  };
  const readOutput = async (start: number): Promise<void> => {
    for await (const piece of client.output(run_id, start, signal)) {
      gathered += piece.text;
      text.poke();
    }
    news.poke();
  };
  if (outputFrom !== null) {
    readOutput(outputFrom).catch(report);
  }
  return stop;
}
