import { startPanel } from '../bridge/start.tsx';
import { ToProfilePanel } from '../../src/contracts/panels/profile.ts';
import { initialView, ProfileView, type ProfileState } from './ProfileView.tsx';

startPanel({
  messages: ToProfilePanel,
  initial: { kind: 'loading', file: '', message: 'Opening…' } as ProfileState,
  initialView,
  reduce: (_state, message): ProfileState => {
    switch (message.type) {
      case 'loading':
        return { kind: 'loading', file: message.file, message: message.message };
      case 'failed':
        return { kind: 'failed', file: message.file, message: message.message };
      case 'profile':
        return { kind: 'ready', ...message };
    }
  },
  view: ProfileView,
});
