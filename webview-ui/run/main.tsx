import { startPanel } from '../bridge/start.tsx';
import { ToRunPanel } from '../../src/contracts/panels/run.ts';
import { placeKey } from './Artifacts.tsx';
import { initialView, RunView, type RunState } from './RunView.tsx';
import { noCurves, withCurves } from './series.ts';

/** The panel keeps this much of the output; the file has all of it. In characters. */
const longestOutput = 300_000;

const initial: RunState = { detail: null, links: { datasets: [], models: [] }, curves: noCurves, charts: {}, output: '', cut: false, artifacts: { folders: {}, previews: {} }, failed: null, notEdited: null };

startPanel({
  messages: ToRunPanel,
  initial,
  initialView,
  reduce: (state, message): RunState => {
    switch (message.type) {
      case 'run':
        return { ...state, detail: message.detail, links: message.links, charts: message.charts, output: message.output, cut: message.output_start > 0, failed: null };
      case 'detail':
        return { ...state, detail: message.detail };
      case 'curves':
        return { ...state, curves: withCurves(state.curves, message.curves, message.range) };
      case 'output': {
        const output = state.output + message.text;
        return { ...state, output: output.slice(-longestOutput), cut: state.cut || output.length > longestOutput };
      }
      case 'folder':
        return { ...state, artifacts: { ...state.artifacts, folders: { ...state.artifacts.folders, [placeKey(message.root, message.path)]: { entries: message.entries, more: message.more } } } };
      case 'preview':
        // Only the last one is kept: pictures are large.
        return { ...state, artifacts: { ...state.artifacts, previews: { [placeKey(message.root, message.path)]: message.preview } } };
      case 'failed':
        return { ...state, failed: message.message };
      case 'not_edited':
        return { ...state, notEdited: { message: message.message } };
    }
  },
  view: RunView,
});
