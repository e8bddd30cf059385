import { startPanel } from '../bridge/start.tsx';
import { ToModelPanel } from '../../src/contracts/panels/model.ts';
import { initialView, ModelView, type ModelState } from './ModelView.tsx';

startPanel({
  messages: ToModelPanel,
  initial: { model: null, selected: null, prediction: null, wrong: null, failed: null } as ModelState,
  initialView,
  reduce: (state, message): ModelState => {
    switch (message.type) {
      case 'model': {
        const same = state.selected?.version.file.ulid === message.selected.version.file.ulid;
        return { model: message.model, selected: message.selected, prediction: same ? state.prediction : null, wrong: same ? state.wrong : null, failed: null };
      }
      case 'prediction':
        return { ...state, prediction: message.result, wrong: null };
      case 'prediction_failed':
        return { ...state, prediction: null, wrong: message.failure };
      case 'failed':
        return { ...state, failed: message.message };
    }
  },
  view: ModelView,
});
