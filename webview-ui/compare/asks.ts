import type { FromComparePanel } from '../../src/contracts/panels/compare.ts';
import type { AnswerTo, RunTableAnswer, RunTableQuestion } from '../../src/contracts/runTable.ts';

/** What cannot be answered as it was asked, in a sentence: a filter that cannot be read, say. */
export class Refused extends Error {}

export type Ask = <Question extends RunTableQuestion>(question: Question) => Promise<AnswerTo<Question['type']>>;

const waiting = new Map<number, { resolve(answer: RunTableAnswer): void; reject(error: Error): void }>();
let last = 0;

/** Asks the project's server through the extension. @throws Refused */
export function makeAsk(post: (message: FromComparePanel) => void): Ask {
  return <Question extends RunTableQuestion>(question: Question) => {
    const { promise, resolve, reject } = Promise.withResolvers<RunTableAnswer>();
    last += 1;
    waiting.set(last, { resolve, reject });
    post({ type: 'ask', id: last, question });
    return promise as Promise<AnswerTo<Question['type']>>;
  };
}

export function answered(id: number, answer: RunTableAnswer): void {
  waiting.get(id)?.resolve(answer);
  waiting.delete(id);
}

export function refused(id: number, message: string): void {
  waiting.get(id)?.reject(new Refused(message));
  waiting.delete(id);
}
