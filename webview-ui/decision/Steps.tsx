import type { JSX } from 'preact';
import type { DecisionStep, StepName } from '../../src/contracts/retraining.ts';
import { duration } from '../components/format.ts';
import { Icon, type IconName } from '../components/icons.tsx';
import { Prose } from '../components/layout.tsx';
import { installStyles } from '../components/styles.ts';

installStyles(`
.steps td { vertical-align: top; } .steps .state { display: inline-flex; align-items: center; gap: 8px; white-space: nowrap; } .steps tr.waiting td { color: var(--muted); }
.steps .running .icon { animation: turn 1.2s linear infinite; } @keyframes turn { to { transform: rotate(360deg); } }
@media (prefers-reduced-motion: reduce) { .steps .running .icon { animation: none; } } body.vscode-reduce-motion .steps .running .icon { animation: none; }
`);

const names: Record<StepName, string> = { check: 'Check the data', train: 'Train a challenger', compare: 'Compare', propose: 'Propose', promote: 'Promote', deploy: 'Serve it' };
const looks: Record<DecisionStep['status'], [icon: IconName, colour: string]> = {
  waiting: ['waiting', 'var(--muted)'],
  running: ['running', 'var(--accent)'],
  done: ['good', 'var(--good)'],
  failed: ['error', 'var(--bad)'],
  skipped: ['skipped', 'var(--muted)'],
};

export function Steps({ steps }: { steps: readonly DecisionStep[] }): JSX.Element {
  return (
    <table class="steps">
      <tbody>
        {steps.map((step) => {
          const [icon, colour] = looks[step.status];
          return (
            <tr key={step.name} class={step.status}>
              <td class="tight">
                <span class="state">
                  <span class={step.status} style={{ color: colour, display: 'inline-flex' }}>
                    <Icon name={icon} />
                  </span>
                  {names[step.name]}
                  <span class="sr">: {step.status}</span>
                </span>
              </td>
              <td>
                <Prose text={step.message} />
              </td>
              <td class="number tight">{step.seconds === null ? '' : step.seconds < 0.05 ? '< 0.1 s' : duration(step.seconds * 1000)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
