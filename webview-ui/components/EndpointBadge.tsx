import type { JSX } from 'preact';
import type { EndpointState } from '../../src/contracts/endpoints.ts';
import { Badge } from './layout.tsx';

const tones = { starting: 'warn', ready: 'good', restarting: 'warn', stopped: undefined, failed: 'bad' } as const;

export function EndpointBadge({ state }: { state: EndpointState }): JSX.Element {
  const tone = tones[state];
  return (
    <span style={{ fontSize: '13px', fontWeight: 'normal', verticalAlign: '2px' }}>
      <Badge dot {...(tone === undefined ? {} : { tone })}>
        {state}
      </Badge>
    </span>
  );
}
