import { startPanel } from '../bridge/start.tsx';
import { ToMonitorPanel } from '../../src/contracts/panels/monitor.ts';
import { grown } from '../components/Live.tsx';
import { initialView, MonitorView, type MonitorPanelState } from './MonitorView.tsx';

startPanel({
  messages: ToMonitorPanel,
  initial: { shown: null, stats: null, history: [], failed: null } as MonitorPanelState,
  initialView,
  reduce: (state, message): MonitorPanelState => {
    switch (message.type) {
      case 'monitor': {
        const { stats } = message.monitor;
        return { shown: message, stats, history: stats === null ? state.history : grown(state.history, stats), failed: null };
      }
      case 'stats':
        return { ...state, stats: message.stats, history: grown(state.history, message.stats) };
      case 'failed':
        return { ...state, failed: message.message };
    }
  },
  view: MonitorView,
});
