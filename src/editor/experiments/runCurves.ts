// The curves that a run's panel shows: whole at first, then what is new.
import type { CurvesRequest } from '../../contracts/curves.ts';
import type { CurveRange } from '../../contracts/panels/run.ts';
import type { ProjectClient } from '../../core/client/api.ts';
import type { Panel } from '../platform/panels.ts';

/** Four points at most from each: as fine as a chart of a panel can be drawn. */
const buckets = 250;
/** After so many points more than the whole was thinned to, the panel gets the whole anew. */
const mostNew = buckets * 8;

/** Asks for the curves of one panel, one request after the other. */
export class RunCurves {
  readonly #panel: Panel<'run'>;
  #keys: string[] = [];
  #range: CurveRange | null = null;
  #after: number | null = null;
  #new = 0;
  #turn: Promise<void> = Promise.resolve();

  constructor(panel: Panel<'run'>) {
    this.#panel = panel;
  }

  /** Sends everything that is drawn, and the figures of all metrics. */
  whole(client: ProjectClient): Promise<void> {
    return this.#inTurn(async () => {
      this.#after = null;
      await this.#update(client);
      await this.#zoom(client);
    });
  }

  /** Sends what is new. */
  news(client: ProjectClient): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#new > mostNew) {
        this.#after = null;
      }
      await this.#update(client);
    });
  }

  /** Changes what is drawn, and sends what that needs. */
  draw(client: ProjectClient, keys: string[], range: CurveRange | null): Promise<void> {
    return this.#inTurn(async () => {
      const more = keys.some((key) => !this.#keys.includes(key));
      this.#keys = keys;
      this.#range = range;
      if (more) {
        this.#after = null;
        await this.#update(client);
      }
      await this.#zoom(client);
    });
  }

  async #update(client: ProjectClient): Promise<void> {
    const whole = this.#after === null;
    const curves = await client.curves(this.#panel.state.run_id, this.#request(null, this.#after));
    this.#after = curves.last;
    this.#new = (whole ? 0 : this.#new) + Math.max(0, ...curves.curves.map(({ points }) => points.steps.length));
    if (whole || Object.keys(curves.figures).length > 0) {
      this.#panel.post({ type: 'curves', curves, range: null });
    }
  }

  async #zoom(client: ProjectClient): Promise<void> {
    const range = this.#range;
    if (range !== null && this.#keys.length > 0) {
      this.#panel.post({ type: 'curves', curves: await client.curves(this.#panel.state.run_id, this.#request(range, null)), range });
    }
  }

  #request(range: CurveRange | null, after: number | null): CurvesRequest {
    return { keys: this.#keys, axis: range?.axis ?? 'step', from: range?.from ?? null, to: range?.to ?? null, buckets, after };
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}
