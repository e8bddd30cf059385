import type { JSX } from 'preact';
import type { FromTunePanel, TuneForm, TunePlan } from '../../src/contracts/panels/tune.ts';
import type { Study } from '../../src/contracts/tuning.ts';
import type { PanelProps } from '../bridge/start.tsx';
import { Button, Waiting } from '../components/controls.tsx';
import { baseName } from '../components/format.ts';
import { Banner, Header, Prose } from '../components/layout.tsx';
import { installStyles } from '../components/styles.ts';
import { FormView } from './FormView.tsx';
import { StudyView } from './StudyView.tsx';

installStyles(`
.space td { vertical-align: middle; } .space td.range { width: 60%; } .space .ends { display: flex; flex-wrap: wrap; gap: 4px 8px; align-items: center; } .space .ends vscode-text-field { --input-min-width: 72px; width: 104px; min-width: 72px; } .space .ends .valuesfield { flex: 1 1 200px; max-width: 400px; } .space .ends .valuesfield vscode-text-field { width: 100%; } .results { margin-bottom: 20px; }
.space .hint { color: var(--muted); margin-top: 4px; } .space .problem { color: var(--bad); margin-top: 4px; } .space tr.out code { color: var(--muted); }
.trials tr { cursor: pointer; } .trials tr:hover td { background: var(--vscode-list-hoverBackground, transparent); } .trials tr.best td { font-weight: 600; } .trials td.number { font-variant-numeric: tabular-nums; }
.mattered { display: grid; grid-template-columns: max-content minmax(60px, 240px) max-content; gap: 4px 12px; align-items: center; margin: 0 0 8px; } .mattered .bar { height: 8px; border: 1px solid var(--line); } .mattered .bar > div { height: 100%; background: var(--accent); }
.trialchart { width: 100%; height: auto; display: block; } .trialchart text { fill: var(--muted); font-size: 11px; } .trialchart .grid { stroke: var(--line); opacity: 0.6; } .trialchart .sofar { stroke: var(--accent); stroke-width: 2; fill: none; } .trialchart .trial { fill: var(--vscode-foreground); opacity: 0.55; } .trialchart .trial.best { fill: var(--accent); opacity: 1; stroke: var(--vscode-foreground); } .trialchart .trial.lost { fill: none; stroke: var(--bad); opacity: 1; }
`);

export interface FormState {
  kind: 'form';
  file: string;
  form: TuneForm;
  metrics: string[];
  note: string | null;
  plan: TunePlan;
  starting: boolean;
}

export type TuneState = { kind: 'loading'; file: string; message: string } | { kind: 'failed'; file: string; message: string } | FormState | { kind: 'study'; file: string; study: Study };

export interface View {
  /** As the person left it; null until something was changed. */
  form: TuneForm | null;
  more: boolean;
  /** How many more trials are asked for. */
  extra: string;
  sort: 'number' | 'value';
}

export const initialView: View = { form: null, more: false, extra: '10', sort: 'number' };

export type Props = PanelProps<TuneState, View, FromTunePanel>;

export function TuneView(props: Props): JSX.Element {
  const { state, post } = props;
  if (state.kind === 'study') {
    return <StudyView {...props} study={state.study} file={state.file} />;
  }
  return (
    <main class="page">
      <Header title={`Tune${state.file === '' ? '' : ` ${baseName(state.file)}`}`} subtitle={state.file} />
      {state.kind === 'loading' ? <Waiting>{state.message}</Waiting> : null}
      {state.kind === 'failed' ? (
        <>
          <Banner kind="error">
            <Prose text={state.message} />
          </Banner>
          <Button onClick={() => post({ type: 'ready' })}>Try again</Button>
        </>
      ) : null}
      {state.kind === 'form' ? <FormView {...props} state={state} /> : null}
    </main>
  );
}
