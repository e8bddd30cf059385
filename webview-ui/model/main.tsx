import { startPanel } from '../bridge/start.tsx';
import { ToModelPanel } from '../../src/contracts/panels/model.ts';
import { initialView, ModelView, type ModelState } from './ModelView.tsx';

startPanel({
  messages: ToModelPanel,
  initial: { model: null, selected: null, candidate: null, moves: [], prediction: null, wrong: null, failed: null } as ModelState,
  initialView,
  reduce: (state, message): ModelState => {
    switch (message.type) {
      case 'model': {
        const same = versionOf(state) === versionOf(message);
        return { model: message.model, selected: message.selected, candidate: message.candidate, moves: message.moves, prediction: same ? state.prediction : null, wrong: same ? state.wrong : null, failed: null };
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

function versionOf({ selected, candidate }: Pick<ModelState, 'selected' | 'candidate'>): number | undefined {
  return selected?.version.file.version ?? candidate?.candidate.version;
}
