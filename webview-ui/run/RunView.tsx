import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { FromRunPanel } from '../../src/contracts/panels/run.ts';
import type { RunDetail, RunLinks } from '../../src/contracts/runs.ts';
import type { VegaSpec } from '../../src/contracts/query.ts';
import type { PanelProps } from '../bridge/start.tsx';
import { Button, LinkButton, Waiting } from '../components/controls.tsx';
import { duration, moment } from '../components/format.ts';
import { Banner, Header, Progress, Prose } from '../components/layout.tsx';
import { Log } from '../components/Log.tsx';
import { StatusBadge } from '../components/StatusBadge.tsx';
import { Artifacts, initialArtifactsView, type ArtifactsState, type ArtifactsView } from './Artifacts.tsx';
import { chartsOf } from './charts.ts';
import { Curves, initialCurvesView, type CurvesView } from './Curves.tsx';
import { Metrics, Origin, Parameters } from './Figures.tsx';
import { Notes } from './Notes.tsx';
import { Report } from './Report.tsx';
import type { CurvesState } from './series.ts';

export interface RunState {
  detail: RunDetail | null;
  links: RunLinks;
  curves: CurvesState;
  charts: Record<string, VegaSpec>;
  output: string;
  /** Whether the output's beginning is not shown. */
  cut: boolean;
  artifacts: ArtifactsState;
  failed: string | null;
  /** Why the last change of the note, the tags or the baseline was not kept. */
  notEdited: { message: string } | null;
}

export interface View {
  curves: CurvesView;
  artifacts: ArtifactsView;
}

export const initialView: View = { curves: initialCurvesView, artifacts: initialArtifactsView };

type Props = PanelProps<RunState, View, FromRunPanel>;

export function RunView({ state, view, setView, post }: Props): JSX.Element {
  const { detail } = state;
  if (detail === null) {
    return (
      <main class="page">
        <Header title="Run" />
        {state.failed === null ? <Waiting>Opening the run…</Waiting> : <Failed message={state.failed} post={post} />}
      </main>
    );
  }
  const { run, report } = detail;
  const running = run.status === 'running' || run.status === 'queued';
  const hasModel = report !== null && run.status === 'finished';
  return (
    <main class="page">
      <Header
        title={
          <>
            {run.name} <StatusBadge status={run.status} />
          </>
        }
        subtitle={
          <>
            {run.source === '' ? null : (
              <>
                <LinkButton onClick={() => post({ type: 'open_source' })}>{run.source}</LinkButton>
                {' · '}
              </>
            )}
            {moment(run.created)}
            {run.started === null || run.ended === null ? '' : ` · took ${duration(run.ended - run.started)}`}
          </>
        }
      >
        {running ? (
          run.kind === 'external' ? null : <Button onClick={() => post({ type: 'cancel' })}>Cancel</Button>
        ) : (
          <>
            {hasModel ? (
              <Button primary={detail.registered.length === 0} onClick={() => post({ type: 'register' })}>
                Register model…
              </Button>
            ) : null}
            <Button onClick={() => post({ type: 'compare' })}>Compare…</Button>
          </>
        )}
      </Header>
      {state.failed === null ? null : <Failed message={state.failed} post={post} />}
      {run.error === null ? null : (
        <Banner kind={run.status === 'cancelled' ? 'note' : 'error'}>
          <Prose text={run.error} /> {run.status === 'failed' ? <LinkButton onClick={() => post({ type: 'show_output' })}>Show the whole output</LinkButton> : null}
        </Banner>
      )}
      {detail.registered.map(({ model, version }) => (
        <Banner key={`${model}/${version}`} kind="good">
          Registered as <LinkButton onClick={() => post({ type: 'open_model', model: `${model}/${version}` })}>{`${model} version ${version}`}</LinkButton>.
        </Banner>
      ))}
      {run.status === 'queued' ? <Progress fraction={null} message="Waiting for its turn" /> : null}
      {run.status === 'running' ? <Progress fraction={run.progress?.fraction ?? null} message={run.progress === null ? 'Running' : capital(run.progress.message)} /> : null}
      {report === null ? null : <Report report={report} charts={state.charts} />}
      <Notes detail={detail} problem={state.notEdited} post={post} />
      <Body state={state} detail={detail} view={view} setView={setView} post={post} />
    </main>
  );
}

/** Curves, then figures, files, machine and output. */
function Body({ state, detail, view, setView, post }: Props & { detail: RunDetail }): JSX.Element {
  const { curves, links } = state;
  const { run } = detail;
  const running = run.status === 'running' || run.status === 'queued';
  const keys = Object.entries(curves.figures).map(([key, { count }]) => `${key}${count > 1 ? '+' : ''}`).join('\n');
  const metrics = useMemo(() => chartsOf(curves.figures, run.kind, 'metrics'), [keys, run.kind]);
  const machine = useMemo(() => chartsOf(curves.figures, run.kind, 'machine'), [keys, run.kind]);
  const show = useDrawn(view.curves, post);
  const setCurves = (change: Partial<CurvesView>): void => setView({ curves: { ...view.curves, ...change } });
  const shared = { curves, view: view.curves, setView: setCurves, start: run.started ?? run.created };
  return (
    <>
      <Curves title={run.kind === 'training' ? 'Loss while fitting, one line per fold' : 'Curves'} plans={metrics} {...shared} onShow={(shown) => show('metrics', shown)} tools />
      <div class="section columns">
        <Metrics detail={detail} figures={curves.figures} />
        <Parameters detail={detail} />
        <Origin detail={detail} links={links} post={post} />
      </div>
      <Artifacts state={state.artifacts} links={links} view={view.artifacts} setView={(change) => setView({ artifacts: { ...view.artifacts, ...change } })} post={post} version={`${run.status} ${detail.artifacts.length} ${links.models.length}`} />
      <Curves title="Machine" plans={machine} {...shared} onShow={(shown) => show('machine', shown)} tools={metrics.length === 0} />
      {run.kind === 'external' ? null : <Log text={state.output} cut={state.cut} running={running} showAll={() => post({ type: 'show_output' })} />}
    </>
  );
}

/** Tells the extension which curves are in sight, each time that changes. */
function useDrawn({ zoom }: CurvesView, post: Props['post']): (section: string, keys: string[]) => void {
  const [shown, setShown] = useState<Record<string, string[]>>({});
  const said = useRef('');
  useEffect(() => {
    const message: FromRunPanel = { type: 'draw', keys: Object.values(shown).flat(), range: zoom };
    const text = JSON.stringify(message);
    if (said.current !== text && message.keys.length > 0) {
      said.current = text;
      post(message);
    }
  }, [shown, zoom]);
  return (section, keys) => setShown((before) => ({ ...before, [section]: keys }));
}

function Failed({ message, post }: { message: string; post: Props['post'] }): JSX.Element {
  return (
    <Banner kind="error">
      <Prose text={message} /> <LinkButton onClick={() => post({ type: 'ready' })}>Try again</LinkButton>
    </Banner>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
