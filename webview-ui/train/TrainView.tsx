import type { ComponentChildren, JSX } from 'preact';
import type { FromTrainPanel, TrainForm, TrainPlan } from '../../src/contracts/panels/train.ts';
import type { TableSummary } from '../../src/contracts/profile.ts';
import { MetricName } from '../../src/contracts/training.ts';
import type { PanelProps } from '../bridge/start.tsx';
import { Button, Checkbox, Dropdown, LinkButton, TextField, Waiting } from '../components/controls.tsx';
import { baseName, count, metricName } from '../components/format.ts';
import { Banner, Card, Header, Prose } from '../components/layout.tsx';

interface Ready {
  kind: 'ready';
  file: string;
  table: TableSummary;
  form: TrainForm;
  plan: TrainPlan;
  starting: boolean;
}

export type TrainState = { kind: 'loading'; file: string; message: string } | { kind: 'failed'; file: string; message: string; before: Ready | null } | Ready;

/** The form as the person left it; null until something was changed. */
export interface View {
  form: TrainForm | null;
  more: boolean;
}

export const initialView: View = { form: null, more: false };

type Props = PanelProps<TrainState, View, FromTrainPanel>;

export function TrainView(props: Props): JSX.Element {
  const { state, post } = props;
  const title = `Train a model${state.file === '' ? '' : ` on ${baseName(state.file)}`}`;
  if (state.kind === 'loading') {
    return (
      <main class="page">
        <Header title={title} />
        <Waiting>{state.message}</Waiting>
      </main>
    );
  }
  if (state.kind === 'failed') {
    return (
      <main class="page">
        <Header title={title} />
        <Banner kind="error">
          <Prose text={state.message} />
        </Banner>
        {state.before === null ? <Button onClick={() => post({ type: 'ready' })}>Try again</Button> : <Form {...props} state={state.before} />}
      </main>
    );
  }
  return (
    <main class="page">
      <Header title={title} subtitle={`${count(state.table.rows)} rows × ${count(state.table.columns.length)} columns`}>
        <Button onClick={() => post({ type: 'profile' })}>Profile the data</Button>
      </Header>
      <Form {...props} state={state} />
    </main>
  );
}

function Form({ state, view, setView, post }: Props & { state: Ready }): JSX.Element {
  const form = view.form ?? state.form;
  const { plan, table } = state;
  const change = (part: Partial<TrainForm>): void => {
    const next = { ...form, ...part };
    setView({ form: next });
    post({ type: 'change', form: next });
  };
  const problems = (field: string): string[] => plan.problems.filter((problem) => problem.field === field).map((problem) => problem.message);
  const inMore = plan.problems.some(({ field }) => !['target', 'file', 'task', 'positive'].includes(field));
  const ready = plan.problems.length === 0 && form.target !== '';
  const task = plan.task;
  const classes = table.columns.find((column) => column.name === form.target)?.values ?? [];
  return (
    <div class="columns">
      <Card title="What to predict">
        <Field label="Target" hint="The column that the model learns to predict." problems={[...problems('target'), ...problems('file')]}>
          <Dropdown
            label="Target"
            value={form.target}
            options={[{ value: '', label: 'Choose a column…' }, ...table.columns.map((column) => ({ value: column.name, label: `${column.name}  (${column.type}, ${count(column.distinct)} distinct)` }))]}
            onChange={(target) => change({ target, positive: '', task: '', metric: '' })}
          />
        </Field>
        {form.target === '' ? null : (
          <Field label="Kind" problems={problems('task')}>
            <Dropdown
              label="Kind"
              value={form.task}
              options={[
                { value: '', label: task === null ? 'Decided by the target' : `Decided by the target: ${task}` },
                { value: 'classification', label: 'Classification: predict a class' },
                { value: 'regression', label: 'Regression: predict a number' },
              ]}
              onChange={(value) => change({ task: value as TrainForm['task'], metric: '', positive: '' })}
            />
          </Field>
        )}
        {task === 'classification' && classes.length === 2 ? (
          <Field label="Class of interest" hint="Precision, recall and average precision are about this class." problems={problems('positive')}>
            <Dropdown
              label="Class of interest"
              value={form.positive}
              options={[{ value: '', label: `The rarer one${plan.positive === null || form.positive !== '' ? '' : `: ${plan.positive}`}` }, ...classes.map(({ value, count: size }) => ({ value, label: `${value}  (${count(size)} rows)` }))]}
              onChange={(positive) => change({ positive })}
            />
          </Field>
        ) : null}
        <details open={view.more || inMore} onToggle={(event) => (event.currentTarget.open === (view.more || inMore) ? undefined : setView({ more: event.currentTarget.open }))}>
          <summary>More options</summary>
          <MoreOptions form={form} table={table} plan={plan} change={change} problems={problems} />
        </details>
      </Card>
      <Card title="What will happen">
        {form.target === '' ? <p class="muted">Choose a target to see what training will do.</p> : null}
        {plan.sentences.map((sentence) => (
          <p key={sentence}>
            <Prose text={sentence} />
          </p>
        ))}
        {plan.problems.length > 0 && form.target !== '' ? <Banner kind="warning">{plan.problems.length === 1 ? 'One thing must be mended first' : `${plan.problems.length} things must be mended first`}: see the {plan.problems.length === 1 ? 'field' : 'fields'} beside.</Banner> : null}
        <div class="actions" style={{ marginTop: '16px' }}>
          <Button primary disabled={!ready || state.starting} onClick={() => post({ type: 'start', form })}>
            {state.starting ? 'Starting…' : 'Train'}
          </Button>
          {view.form === null ? null : <LinkButton onClick={() => (setView({ form: null }), post({ type: 'change', form: state.form }))}>Start over</LinkButton>}
        </div>
      </Card>
    </div>
  );
}

interface MoreProps {
  form: TrainForm;
  table: TableSummary;
  plan: TrainPlan;
  change(part: Partial<TrainForm>): void;
  problems(field: string): string[];
}

function MoreOptions({ form, table, plan, change, problems }: MoreProps): JSX.Element {
  const suitable = MetricName.options.filter((metric) => (plan.task === 'regression') === ['r2', 'rmse', 'mae'].includes(metric));
  const inputs = table.columns.filter((column) => column.name !== form.target);
  const toggle = (list: string[], name: string, on: boolean): string[] => (on ? [...list, name] : list.filter((each) => each !== name));
  return (
    <>
      <Field label="Pick the model by" problems={problems('metric')}>
        <Dropdown
          label="Pick the model by"
          value={form.metric}
          options={[{ value: '', label: plan.metric === null || form.metric !== '' ? 'What suits the target' : `What suits the target: ${metricName(plan.metric)}` }, ...suitable.map((metric) => ({ value: metric, label: metricName(metric) }))]}
          onChange={(metric) => change({ metric: metric as TrainForm['metric'] })}
        />
      </Field>
      <Field label="Set rows aside" problems={problems('split')}>
        <Dropdown
          label="Set rows aside"
          value={form.split}
          options={[
            { value: 'random', label: 'A fifth, by a stable hash' },
            { value: 'time', label: 'The newest fifth, by a date' },
            { value: 'group', label: 'Whole groups, by a stable hash' },
          ]}
          onChange={(split) => change({ split: split as TrainForm['split'] })}
        />
      </Field>
      {form.split === 'random' ? null : (
        <Field label={form.split === 'time' ? 'Date of a row' : 'Rows that belong together have the same'} problems={problems(form.split)}>
          <Dropdown
            label={form.split === 'time' ? 'Date of a row' : 'Group'}
            value={form.split === 'time' ? form.time : form.group}
            options={[{ value: '', label: 'Choose a column…' }, ...inputs.filter((column) => form.split === 'group' || column.type === 'date' || column.type === 'datetime' || column.type === 'number').map((column) => ({ value: column.name, label: column.name }))]}
            onChange={(name) => change(form.split === 'time' ? { time: name } : { group: name })}
          />
        </Field>
      )}
      <Field label="Trainers" problems={problems('trainers')}>
        <Checkbox checked={form.trainers.includes('linear')} onChange={(on) => change({ trainers: toggle(form.trainers, 'linear', on) as TrainForm['trainers'] })}>
          Regularised {plan.task === 'regression' ? 'linear' : 'logistic'} regression
        </Checkbox>{' '}
        <Checkbox checked={form.trainers.includes('mlp')} onChange={(on) => change({ trainers: toggle(form.trainers, 'mlp', on) as TrainForm['trainers'] })}>
          Small neural network
        </Checkbox>
      </Field>
      <Field label="Columns that the model must not see" hint="For example columns that are only known after the outcome." problems={problems('exclude')}>
        <div class="checks" role="group" aria-label="Columns to leave out">
          {inputs.map((column) => (
            <Checkbox key={column.name} checked={form.exclude.includes(column.name)} onChange={(on) => change({ exclude: toggle(form.exclude, column.name, on) })}>
              {column.name}
            </Checkbox>
          ))}
        </div>
      </Field>
      <Field label="Folds of cross-validation" problems={problems('folds')}>
        <TextField label="Folds" inline value={Number.isNaN(form.folds) ? '' : String(form.folds)} onInput={(value) => change({ folds: wholeNumber(value) })} />
      </Field>
      <Field label="Seed" hint="The same seed gives the same model." problems={problems('seed')}>
        <TextField label="Seed" inline value={String(form.seed)} onInput={(value) => change({ seed: wholeNumber(value) })} />
      </Field>
      <Field label="Keep these settings in ml.yaml as" hint="A name for the model; leave it empty to keep nothing." problems={problems('save_as')}>
        <TextField label="Name in ml.yaml" inline value={form.save_as} onInput={(save_as) => change({ save_as })} />
      </Field>
    </>
  );
}

/** Anything that is no whole number becomes 0, which the plan then complains about beside the field. */
function wholeNumber(text: string): number {
  return /^\d{1,9}$/.test(text.trim()) ? Number(text) : 0;
}

function Field({ label, hint, problems, children }: { label: string; hint?: string; problems: string[]; children: ComponentChildren }): JSX.Element {
  return (
    <div class="field">
      <div class="name">{label}</div>
      {children}
      {hint === undefined ? null : <div class="hint">{hint}</div>}
      {problems.map((problem) => (
        <div key={problem} class="problem" role="alert">
          <Prose text={problem} />
        </div>
      ))}
    </div>
  );
}
