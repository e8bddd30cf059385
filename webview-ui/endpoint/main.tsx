import { startPanel } from '../bridge/start.tsx';
import { ToEndpointPanel } from '../../src/contracts/panels/endpoint.ts';
import { grown } from '../components/Live.tsx';
import { EndpointView, initialView, type EndpointPanelState } from './EndpointView.tsx';

startPanel({
  messages: ToEndpointPanel,
  initial: { shown: null, stats: null, history: [], prediction: null, wrong: null, failed: null } as EndpointPanelState,
  initialView,
  reduce: (state, message): EndpointPanelState => {
    switch (message.type) {
      case 'endpoint': {
        const { stats } = message;
        return { ...state, shown: message, stats, history: stats === null ? state.history : grown(state.history, stats), failed: null };
      }
      case 'stats':
        return { ...state, stats: message.stats, history: grown(state.history, message.stats) };
      case 'prediction':
        return { ...state, prediction: message.result, wrong: null };
      case 'prediction_failed':
        return { ...state, prediction: null, wrong: message.failure };
      case 'failed':
        return { ...state, failed: message.message };
    }
  },
  view: EndpointView,
});
