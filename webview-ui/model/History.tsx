import type { JSX } from 'preact';
import type { Mover, RegistryMove } from '../../src/contracts/registry.ts';
import { moment } from '../components/format.ts';
import { Badge, Card } from '../components/layout.tsx';

const movers: Record<Mover, string> = {
  client: 'a tracking client',
  editor: 'the editor',
  'command line': 'the command line',
  retraining: 'a retraining',
  registration: 'its registration',
  files: 'a change of the files',
  '': 'not kept',
};

/** What was moved and what a gate refused, newest first. */
export function History({ moves }: { moves: readonly RegistryMove[] }): JSX.Element {
  return (
    <Card title="History">
      {moves.length === 0 ? (
        <p class="muted">Nothing was moved yet.</p>
      ) : (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th>When</th>
                <th>What</th>
                <th>By</th>
              </tr>
            </thead>
            <tbody>
              {moves.slice(0, 100).map((move, index) => (
                <tr key={index}>
                  <td>{moment(move.at)}</td>
                  <td>
                    {sentenceOf(move)} {move.outcome === 'refused' ? <Badge tone="bad">refused</Badge> : null}
                    {move.reason === '' ? null : <div class="muted">{move.reason}</div>}
                  </td>
                  <td>{movers[move.by]}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}

function sentenceOf({ kind, label, from, to }: RegistryMove): string {
  const change = `${from === null ? 'none' : `version ${from}`} → ${to === null ? 'none' : `version ${to}`}`;
  switch (kind) {
    case 'alias':
      return `${label}: ${change}`;
    case 'stage':
      return `Stage of version ${to ?? from ?? ''}: ${label}`;
    case 'number':
      return `Candidate: ${change}, since a file has that number`;
    case 'accepted':
      return `Version ${to ?? ''} was made of a candidate`;
  }
}
