import { useEffect, useState } from 'preact/hooks';
import type { AnswerTo } from '../../src/contracts/runTable.ts';
import type { ChartTabProps } from './shared.ts';

export type Curve = AnswerTo<'curves'>['curves'][number];

/** Asked for by so many, so that the first ones are soon there and other questions get their turn. */
const atOnce = 20;
/** So many spans of steps are kept of all curves together: of each its lowest and its highest value. */
const spans = 16_000;
const mostSpans = 400;

export interface Curves {
  /** Those that have come so far; null: none yet. */
  curves: readonly Curve[] | null;
  /** Whether more are on their way. */
  reading: boolean;
  problem: string | null;
}

/** One metric's histories of these runs. What was there stays until newer has come. */
export function useCurves({ ask, changes }: Pick<ChartTabProps, 'ask' | 'changes'>, ids: readonly string[], metric: string | undefined): Curves {
  const [state, setState] = useState<Curves & { metric: string | undefined; byId: ReadonlyMap<string, Curve> }>({ curves: null, reading: false, problem: null, metric: undefined, byId: new Map() });
  useEffect(() => {
    let gone = false;
    const take = async (key: string): Promise<void> => {
      const buckets = Math.max(40, Math.min(mostSpans, Math.floor(spans / ids.length)));
      for (let first = 0; first < ids.length && !gone; first += atOnce) {
        const { curves } = await ask({ type: 'curves', run_ids: ids.slice(first, first + atOnce), key, buckets });
        if (!gone) {
          setState((last) => {
            const byId = new Map([...(last.metric === key ? last.byId : []), ...curves.map((curve): [string, Curve] => [curve.run_id, curve])]);
            return { metric: key, byId, curves: ids.flatMap((id) => byId.get(id) ?? []), reading: first + atOnce < ids.length, problem: null };
          });
        }
      }
    };
    if (metric !== undefined && ids.length > 0) {
      take(metric).catch((error: unknown) => (gone ? undefined : setState((last) => ({ ...last, reading: false, problem: error instanceof Error ? error.message : String(error) }))));
    }
    return () => {
      gone = true;
    };
  }, [metric, ids.join(' '), changes]);
  return state;
}
