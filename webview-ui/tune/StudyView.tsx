// A study as it goes on: its best trial, every trial, and which parameter mattered.
import type { JSX } from 'preact';
import type { Study, Trial, TrialParams } from '../../src/contracts/tuning.ts';
import { Button, LinkButton, TextField } from '../components/controls.tsx';
import { count, duration, figure } from '../components/format.ts';
import { Banner, Card, Header, Progress, Stat } from '../components/layout.tsx';
import { StatusBadge } from '../components/StatusBadge.tsx';
import { TrialChart } from './TrialChart.tsx';
import type { Props } from './TuneView.tsx';

const badges = { running: 'running', finished: 'finished', stopped: 'cancelled', failed: 'failed' } as const;

export function StudyView({ study, file, view, setView, post }: Props & { study: Study; file: string }): JSX.Element {
  const { spec, trials, status } = study;
  const best = trials.find(({ number }) => number === study.best) ?? null;
  const ended = trials.filter((trial) => trial.ended !== null);
  const failed = ended.filter(({ state }) => state === 'failed').length;
  const running = status === 'running';
  const extra = /^[1-9]\d{0,3}$/.test(view.extra.trim()) ? Number(view.extra) : null;
  return (
    <main class="page">
      <Header
        title={
          <>
            {study.name} <StatusBadge status={badges[status]} />
          </>
        }
        subtitle={file}
      >
        {running ? <Button onClick={() => post({ type: 'stop' })}>Stop</Button> : null}
        {best === null ? null : (
          <Button primary onClick={() => post({ type: 'run_best' })} title="Runs the script once more with the parameters of the best trial">
            Run with the best values
          </Button>
        )}
        {trials.length > 1 ? <Button onClick={() => post({ type: 'compare' })}>Compare trials</Button> : null}
      </Header>
      {study.sentence === '' ? null : <Banner kind={status === 'failed' ? 'error' : status === 'finished' ? 'good' : 'note'}>{study.sentence}</Banner>}
      {running ? <Progress fraction={spec.trials === null ? null : ended.length / spec.trials} message={`${count(ended.length)}${spec.trials === null ? '' : ` of ${count(spec.trials)}`} trials`} /> : null}
      <div class="stats">
        <Stat value={figure(best?.value)} label={`best ${spec.metric}`} title={best === null ? '' : String(best.value)} />
        <Stat value={`${count(ended.length)}${spec.trials === null ? '' : ` of ${count(spec.trials)}`}`} label="trials" />
        {failed === 0 ? null : <Stat value={count(failed)} label="failed" />}
      </div>
      {best === null ? null : (
        <Card title={`Best so far: trial ${best.number}`}>
          <dl class="pairs">
            {spec.space.map(({ name, option }) => (
              <>
                <dt>
                  <code>{option}</code>
                </dt>
                <dd>{valueText(best.params, name)}</dd>
              </>
            ))}
          </dl>
        </Card>
      )}
      <div class="columns results">
        <Card title={`${spec.metric} by trial`}>
          <TrialChart study={study} onOpen={(run_id) => post({ type: 'open_run', run_id })} />
        </Card>
        <Card title="What mattered">
          <Importance study={study} />
        </Card>
      </div>
      <Card title="Trials">
        {trials.length === 0 ? <p class="muted">The first trial starts in a moment.</p> : <Trials study={study} sort={view.sort} onSort={(sort) => setView({ sort })} onOpen={(run_id) => post({ type: 'open_run', run_id })} />}
      </Card>
      <div class="toolbar">
        <TextField label="How many more trials" narrow value={view.extra} onInput={(text) => setView({ extra: text })} />
        <Button disabled={extra === null} onClick={() => (extra === null ? undefined : post({ type: 'more', trials: extra }))}>
          More trials
        </Button>
        <LinkButton onClick={() => post({ type: 'copy_command', form: null })} title="What starts the same study from a terminal">
          Copy command line
        </LinkButton>
        <LinkButton onClick={() => post({ type: 'again' })}>New study of this script</LinkButton>
      </div>
    </main>
  );
}

function Importance({ study }: { study: Study }): JSX.Element {
  const { importance } = study;
  if (importance === null || importance.length === 0) {
    return <p class="muted">{importance === null ? 'Shown from ten finished trials on.' : 'These trials do not say: every parameter had one value only, or all results were equal.'}</p>;
  }
  return (
    <>
      <div class="mattered">
        {importance.map(({ name, share }) => (
          <>
            <code>{name}</code>
            <div class="bar" aria-hidden="true">
              <div style={{ width: `${Math.round(share * 100)}%` }} />
            </div>
            <span>{share < 0.05 ? 'little or nothing' : `${Math.round(share * 100)} %`}</span>
          </>
        ))}
      </div>
      <p class="muted">The share of the order of the results that the thirds of a parameter’s values (or its categories) explain, less what chance would give. Of {count(study.trials.filter(({ state }) => state === 'finished').length)} trials; with few it is rough.</p>
    </>
  );
}

function Trials({ study, sort, onSort, onOpen }: { study: Study; sort: 'number' | 'value'; onSort(sort: 'number' | 'value'): void; onOpen(run_id: string): void }): JSX.Element {
  const { spec } = study;
  const sign = spec.direction === 'minimize' ? 1 : -1;
  const worth = (trial: Trial): number => (trial.value === null ? Infinity : sign * trial.value);
  const rows = [...study.trials].sort((a, b) => (sort === 'number' ? b.number - a.number : worth(a) - worth(b) || b.number - a.number));
  const head = (by: 'number' | 'value', text: string): JSX.Element => (
    <th class="number" aria-sort={sort === by ? 'ascending' : 'none'}>
      <button type="button" onClick={() => onSort(by)} title={by === 'number' ? 'Newest first' : 'Best first'}>
        {text}
        {sort === by ? ' ▾' : ''}
      </button>
    </th>
  );
  return (
    <div class="scroll">
      <table class="trials">
        <thead>
          <tr>
            {head('number', 'Trial')}
            {head('value', spec.metric)}
            {spec.space.map(({ name }) => (
              <th key={name} class="number">
                {name}
              </th>
            ))}
            <th>State</th>
            <th class="number">Took</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((trial) => (
            <tr key={trial.number} class={trial.number === study.best ? 'best' : ''} onClick={() => onOpen(trial.run_id)}>
              <td class="number">
                <LinkButton onClick={() => onOpen(trial.run_id)} title={`Open the run of trial ${trial.number}`}>
                  {trial.number}
                </LinkButton>
              </td>
              <td class={`number ${trial.number === study.best ? 'best' : ''}`} title={trial.value === null ? '' : String(trial.value)}>
                {figure(trial.value)}
              </td>
              {spec.space.map(({ name }) => (
                <td key={name} class="number" title={String(trial.params[name] ?? '')}>
                  {valueText(trial.params, name)}
                </td>
              ))}
              <td>{trial.state === 'failed' ? <span title={trial.reason ?? ''}>failed: {trial.reason}</span> : trial.state === 'queued' ? 'waiting' : trial.state}</td>
              <td class="number">{trial.started === null || trial.ended === null ? '' : duration(trial.ended - trial.started)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function valueText(params: TrialParams, name: string): string {
  const value = params[name];
  return typeof value === 'number' ? figure(value) : typeof value === 'boolean' ? (value ? 'set' : 'not set') : (value ?? '–');
}
