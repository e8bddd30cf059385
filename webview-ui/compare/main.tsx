import { ToComparePanel } from '../../src/contracts/panels/compare.ts';
import { startPanel } from '../bridge/start.tsx';
import { initialView } from './arrangement.ts';
import { answered, refused } from './asks.ts';
import { CompareView } from './CompareView.tsx';
import type { CompareState } from './shared.ts';

function reduce(state: CompareState, message: ToComparePanel): CompareState {
  switch (message.type) {
    case 'opened':
      return { ...state, opened: message, views: message.views, failed: null };
    case 'answer':
      answered(message.id, message.answer);
      return state;
    case 'refused':
      refused(message.id, message.message);
      return state;
    case 'comparison':
      return { ...state, comparison: message.comparison, failed: null };
    case 'views':
      return { ...state, views: message.views, chosenView: message.chosen };
    case 'changed':
      return { ...state, changes: state.changes + 1 };
    case 'failed':
      return { ...state, failed: message.message };
  }
}

startPanel({
  messages: ToComparePanel,
  initial: { opened: null, views: [], chosenView: undefined, comparison: null, changes: 0, failed: null } as CompareState,
  initialView,
  reduce,
  view: CompareView,
});
