import type { JSX } from 'preact';
import type { RunStatus } from '../../src/contracts/runs.ts';
import { Badge } from './layout.tsx';

const tones = { queued: 'warn', running: 'accent', finished: 'good', failed: 'bad', cancelled: undefined } as const;

export function StatusBadge({ status }: { status: RunStatus }): JSX.Element {
  const tone = tones[status];
  return (
    <span style={{ fontSize: '13px', fontWeight: 'normal', verticalAlign: '2px' }}>
      <Badge dot {...(tone === undefined ? {} : { tone })}>
        {status}
      </Badge>
    </span>
  );
}
