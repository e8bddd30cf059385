import { startPanel } from '../bridge/start.tsx';
import { ToTunePanel } from '../../src/contracts/panels/tune.ts';
import { initialView, TuneView, type TuneState } from './TuneView.tsx';

startPanel({
  messages: ToTunePanel,
  initial: { kind: 'loading', file: '', message: 'Opening…' } as TuneState,
  initialView,
  reduce: (state, message): TuneState => {
    switch (message.type) {
      case 'loading':
        return { kind: 'loading', file: message.file, message: message.message };
      case 'failed':
        return { kind: 'failed', file: message.file, message: message.message };
      case 'form': {
        const { file, form, metrics, note, plan } = message;
        return { kind: 'form', file, form, metrics, note, plan, starting: false };
      }
      case 'plan':
        return state.kind === 'form' ? { ...state, plan: message.plan } : state;
      case 'starting':
        return state.kind === 'form' ? { ...state, starting: true } : state;
      case 'not_started':
        return state.kind === 'form' ? { ...state, starting: false } : state;
      case 'study':
        return { kind: 'study', file: message.file, study: message.study };
    }
  },
  view: TuneView,
});
