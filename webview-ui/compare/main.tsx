import { startPanel } from '../bridge/start.tsx';
import { ToComparePanel } from '../../src/contracts/panels/compare.ts';
import { CompareView, initialView, type CompareState } from './CompareView.tsx';

startPanel({
  messages: ToComparePanel,
  initial: { comparison: null, failed: null } as CompareState,
  initialView,
  reduce: (state, message): CompareState => (message.type === 'comparison' ? { comparison: message.comparison, failed: null } : { ...state, failed: message.message }),
  view: CompareView,
});
