import { startPanel } from '../bridge/start.tsx';
import { ToTrainPanel } from '../../src/contracts/panels/train.ts';
import { initialView, TrainView, type TrainState } from './TrainView.tsx';

startPanel({
  messages: ToTrainPanel,
  initial: { kind: 'loading', file: '', message: 'Opening…' } as TrainState,
  initialView,
  reduce: (state, message): TrainState => {
    switch (message.type) {
      case 'loading':
        return { kind: 'loading', file: message.file, message: message.message };
      case 'failed':
        return { kind: 'failed', file: message.file, message: message.message, before: state.kind === 'ready' ? state : null };
      case 'form':
        return { kind: 'ready', file: message.file, table: message.table, form: message.form, plan: message.plan, starting: false };
      case 'plan':
        return state.kind === 'ready' ? { ...state, plan: message.plan } : state;
      case 'starting':
        return state.kind === 'ready' ? { ...state, starting: true } : state;
    }
  },
  view: TrainView,
});
