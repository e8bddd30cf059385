// What a retraining came to, in a word, a colour and a picture.
import type { JSX } from 'preact';
import type { Decision, TriggerKind } from '../../src/contracts/retraining.ts';
import { Icon, type IconName } from './icons.tsx';
import type { BannerKind } from './layout.tsx';

interface Look {
  word: string;
  icon: IconName;
  colour: string;
  banner: BannerKind;
}

const looks: Record<Decision['outcome'], Look> = {
  running: { word: 'Running', icon: 'running', colour: 'var(--accent)', banner: 'note' },
  promoted: { word: 'Promoted', icon: 'up', colour: 'var(--good)', banner: 'good' },
  proposed: { word: 'Promote? It waits for your answer', icon: 'question', colour: 'var(--warn)', banner: 'warning' },
  kept: { word: 'Champion kept', icon: 'keep', colour: 'var(--accent)', banner: 'note' },
  discarded: { word: 'Discarded', icon: 'skipped', colour: 'var(--muted)', banner: 'note' },
  failed: { word: 'Failed', icon: 'error', colour: 'var(--bad)', banner: 'error' },
};

export function lookOfOutcome({ outcome, status, comparison }: Decision): Look {
  if (status === 'cancelled') {
    return { ...looks.discarded, word: 'Cancelled' };
  }
  return outcome === 'kept' && comparison?.verdict === 'inconclusive' ? { ...looks.kept, word: 'Not enough evidence: champion kept' } : looks[outcome];
}

export function Outcome({ decision }: { decision: Decision }): JSX.Element {
  const { word, icon, colour } = lookOfOutcome(decision);
  return (
    <span style={{ display: 'inline-flex', alignItems: 'center', gap: '4px', whiteSpace: 'nowrap' }}>
      <span style={{ color: colour, display: 'inline-flex' }}>
        <Icon name={icon} />
      </span>
      {word}
    </span>
  );
}

export const triggers: Record<TriggerKind, string> = { manual: 'by hand', schedule: 'on schedule', new_data: 'on new data', drift: 'on drift', worse_score: 'on a worse score' };
