import { startPanel } from '../bridge/start.tsx';
import { ToRunPanel } from '../../src/contracts/panels/run.ts';
import { initialView, RunView, type RunState } from './RunView.tsx';

/** The panel keeps this much of the output; the file has all of it. In characters. */
const longestOutput = 300_000;

startPanel({
  messages: ToRunPanel,
  initial: { detail: null, points: [], charts: {}, output: '', cut: false, failed: null, notEdited: null } as RunState,
  initialView,
  reduce: (state, message): RunState => {
    switch (message.type) {
      case 'run':
        return { ...state, detail: message.detail, points: message.points, charts: message.charts, output: message.output, cut: message.output_start > 0, failed: null };
      case 'detail':
        return { ...state, detail: message.detail };
      case 'points':
        return { ...state, points: [...state.points, ...message.points] };
      case 'output': {
        const output = state.output + message.text;
        return { ...state, output: output.slice(-longestOutput), cut: state.cut || output.length > longestOutput };
      }
      case 'failed':
        return { ...state, failed: message.message };
      case 'not_edited':
        return { ...state, notEdited: { message: message.message } };
    }
  },
  view: RunView,
});
