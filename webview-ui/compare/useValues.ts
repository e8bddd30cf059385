import { useEffect, useState } from 'preact/hooks';
import type { AnswerTo, RunColumn } from '../../src/contracts/runTable.ts';
import type { ChartTabProps } from './shared.ts';

/** A picture of more runs shows less. */
export const mostRuns = 10_000;

export interface Values {
  answer: AnswerTo<'values'> | null;
  problem: string | null;
}

/** Whole columns of the selected runs, or of all that the filter leaves where fewer than two are selected. */
export function useValues({ ask, query, selected, changes }: Pick<ChartTabProps, 'ask' | 'query' | 'selected' | 'changes'>, columns: readonly RunColumn[], max = mostRuns): Values {
  const [values, setValues] = useState<Values>({ answer: null, problem: null });
  const about = selected.length >= 2 ? { scope: { run_ids: [...selected] }, filter: '', sort: query.sort } : query;
  const key = JSON.stringify([about, columns, max, changes]);
  useEffect(() => {
    let gone = false;
    ask({ type: 'values', query: about, columns: [...columns], max }).then(
      (answer) => (gone ? undefined : setValues({ answer, problem: null })),
      (error: unknown) => (gone ? undefined : setValues({ answer: null, problem: error instanceof Error ? error.message : String(error) })),
    );
    return () => {
      gone = true;
    };
  }, [key]);
  return values;
}

/** Which runs a picture is of, in a sentence. */
export function aboutRuns(answer: AnswerTo<'values'>, selected: readonly string[], drawn: number): string {
  const of = selected.length >= 2 ? 'selected runs' : 'runs';
  const all = answer.found.toLocaleString('en');
  const cap = answer.runs.length < answer.found ? ` The first ${answer.runs.length.toLocaleString('en')} of ${all} are drawn; filter or select fewer to see the others.` : '';
  const without = answer.runs.length - drawn;
  return `${drawn.toLocaleString('en')} ${of}${without > 0 ? `; ${without.toLocaleString('en')} without these values are left out` : ''}.${cap}`;
}
