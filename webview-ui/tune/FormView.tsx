// What is varied, what a trial is judged by, and how long it goes on.
import type { ComponentChildren, JSX } from 'preact';
import type { TuneForm, TuneParameter } from '../../src/contracts/panels/tune.ts';
import type { Sampler } from '../../src/contracts/tuning.ts';
import { Button, Dropdown, LinkButton, TextField } from '../components/controls.tsx';
import { Banner, Card, Prose } from '../components/layout.tsx';
import { SpaceTable } from './SpaceTable.tsx';
import type { FormState, Props } from './TuneView.tsx';

const samplers: { value: Sampler; label: string }[] = [
  { value: 'tpe', label: 'Learn from earlier trials (TPE)' },
  { value: 'random', label: 'At random' },
  { value: 'grid', label: 'Every combination once (grid)' },
];

export function FormView({ state, view, setView, post }: Props & { state: FormState }): JSX.Element {
  const form = view.form ?? state.form;
  const { plan, metrics } = state;
  const change = (part: Partial<TuneForm>): void => {
    const next = { ...form, ...part };
    setView({ form: next });
    post({ type: 'change', form: next });
  };
  const problems = (field: string): string[] => plan.problems.filter((problem) => problem.field === field).map(({ message }) => message);
  const setParameter = (index: number, part: Partial<TuneParameter>): void => change({ parameters: form.parameters.map((each, at) => (at === index ? { ...each, ...part } : each)) });
  const more = view.more || ['seed', 'fixed', 'sampler', 'parallel'].some((field) => problems(field).length > 0);
  const ready = plan.problems.length === 0 && !state.starting;
  return (
    <>
      <Card title="What to vary">
        {state.note === null ? null : <Banner kind="note">{state.note}</Banner>}
        <SpaceTable parameters={form.parameters} problems={problems} onChange={setParameter} onAdd={(parameter) => change({ parameters: [...form.parameters, parameter] })} onRemove={(index) => change({ parameters: form.parameters.filter((_, at) => at !== index) })} />
        {problems('parameters').map((message) => (
          <div key={message} class="field">
            <div class="problem" role="alert">
              {message}
            </div>
          </div>
        ))}
      </Card>
      <div class="columns">
        <Card title="What to look for">
          <Field label="Metric" hint={metrics.length === 0 ? 'As the script logs it. A printed line such as loss=0.21 counts.' : 'What the last runs of this script logged, or another name.'} problems={problems('metric')}>
            {metrics.length === 0 ? null : <Dropdown label="Metric of the last runs" value={metrics.includes(form.metric) ? form.metric : ''} options={[...metrics.map((name) => ({ value: name, label: name })), { value: '', label: 'Another…' }]} onChange={(metric) => change({ metric })} />}
            {metrics.includes(form.metric) ? null : <TextField label="Metric" inline value={form.metric} placeholder="loss" onInput={(metric) => change({ metric })} />}
          </Field>
          <Field label="Better is" problems={[]}>
            <Dropdown
              label="Better is"
              value={form.direction}
              options={[
                { value: '', label: form.metric.trim() === '' ? 'As the name of the metric says' : `As its name says: ${plan.direction === 'maximize' ? 'more' : 'less'}` },
                { value: 'minimize', label: 'Less' },
                { value: 'maximize', label: 'More' },
              ]}
              onChange={(direction) => change({ direction: direction as TuneForm['direction'] })}
            />
          </Field>
          <Field label="Of a trial counts" problems={[]}>
            <Dropdown label="Of a trial counts" value={form.objective} options={[{ value: 'last', label: 'The last value that it logs' }, { value: 'best', label: 'The best value that it logs' }]} onChange={(objective) => change({ objective: objective as TuneForm['objective'] })} />
          </Field>
          <Field label="Until" problems={[...problems('trials'), ...problems('minutes')]}>
            <div class="toolbar">
              <TextField label={form.limit === 'trials' ? 'Number of trials' : 'Minutes'} narrow value={form.limit === 'trials' ? form.trials : form.minutes} onInput={(text) => change(form.limit === 'trials' ? { trials: text } : { minutes: text })} />
              <Dropdown inline label="Limit" value={form.limit} options={[{ value: 'trials', label: 'trials have ended' }, { value: 'time', label: 'minutes are over' }]} onChange={(limit) => change({ limit: limit as TuneForm['limit'] })} />
            </div>
          </Field>
          <details open={more} onToggle={(event) => (event.currentTarget.open === more ? undefined : setView({ more: event.currentTarget.open }))}>
            <summary>More</summary>
            <Field label="How values are chosen" problems={problems('sampler')}>
              <Dropdown label="How values are chosen" value={form.sampler} options={samplers} onChange={(sampler) => change({ sampler: sampler as Sampler })} />
            </Field>
            <Field label="Trials side by side" hint="One at a time learns most from each." problems={problems('parallel')}>
              <TextField label="Trials side by side" narrow value={form.parallel} onInput={(parallel) => change({ parallel })} />
            </Field>
            <Field label="Seed" hint="The same seed, one trial at a time, gives the same trials." problems={problems('seed')}>
              <TextField label="Seed" inline value={form.seed} onInput={(seed) => change({ seed })} />
            </Field>
            <Field label="Arguments of every trial" hint="What the script needs besides, for example --data train.csv." problems={problems('fixed')}>
              <TextField label="Arguments of every trial" value={form.fixed} onInput={(fixed) => change({ fixed })} />
            </Field>
          </details>
        </Card>
        <Card title="What will happen">
          {plan.sentences.map((sentence) => (
            <p key={sentence}>
              <Prose text={sentence} />
            </p>
          ))}
          {plan.problems.length === 0 ? null : <Banner kind="warning">{plan.problems.length === 1 ? 'One thing must be mended first: see its field.' : `${plan.problems.length} things must be mended first: see their fields.`}</Banner>}
          <div class="actions" style={{ marginTop: '16px' }}>
            <Button primary disabled={!ready} onClick={() => post({ type: 'start', form })}>
              {state.starting ? 'Starting…' : 'Start'}
            </Button>
            {ready ? <LinkButton onClick={() => post({ type: 'copy_command', form })}>Copy command line</LinkButton> : null}
          </div>
        </Card>
      </div>
    </>
  );
}

function Field({ label, hint, problems, children }: { label: string; hint?: string; problems: string[]; children: ComponentChildren }): JSX.Element {
  return (
    <div class="field">
      <div class="name">{label}</div>
      {children}
      {hint === undefined ? null : <div class="hint">{hint}</div>}
      {problems.map((problem) => (
        <div key={problem} class="problem" role="alert">
          {problem}
        </div>
      ))}
    </div>
  );
}
