import { startPanel } from '../bridge/start.tsx';
import { ToDecisionPanel } from '../../src/contracts/panels/decision.ts';
import { DecisionView, type DecisionPanelState } from './DecisionView.tsx';

startPanel({
  messages: ToDecisionPanel,
  initial: { shown: null, failed: null } as DecisionPanelState,
  initialView: {},
  reduce: (state, message): DecisionPanelState => {
    switch (message.type) {
      case 'decision':
        return { shown: message, failed: null };
      case 'failed':
        return { ...state, failed: message.message };
    }
  },
  view: DecisionView,
});
