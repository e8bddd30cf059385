import type { JSX } from 'preact';
import type { FromProfilePanel, ToProfilePanel } from '../../src/contracts/panels/profile.ts';
import type { ColumnProfile, Profile, ProfileAlert } from '../../src/contracts/profile.ts';
import type { PanelProps } from '../bridge/start.tsx';
import { Button, Checkbox, Dropdown, LinkButton, TextField, Waiting } from '../components/controls.tsx';
import { baseName, bytes, count, figure, percent } from '../components/format.ts';
import { Banner, Card, Empty, Header, Prose, Stat } from '../components/layout.tsx';
import { ColumnRow } from './ColumnRow.tsx';

export type ProfileState =
  | { kind: 'loading'; file: string; message: string }
  | { kind: 'failed'; file: string; message: string }
  | ({ kind: 'ready' } & Extract<ToProfilePanel, { type: 'profile' }>);

export interface View {
  search: string;
  type: string;
  alertsOnly: boolean;
  sort: 'file' | 'name' | 'missing' | 'distinct';
  open: string[];
  shown: number;
}

const page = 100;

export const initialView: View = { search: '', type: '', alertsOnly: false, sort: 'file', open: [], shown: page };

type Props = PanelProps<ProfileState, View, FromProfilePanel>;

export function ProfileView({ state, view, setView, post }: Props): JSX.Element {
  const title = state.file === '' ? 'Profile' : baseName(state.file);
  if (state.kind === 'loading') {
    return (
      <main class="page">
        <Header title={title}>
          <Button onClick={() => post({ type: 'cancel' })}>Cancel</Button>
        </Header>
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
        <div class="actions">
          <Button primary onClick={() => post({ type: 'refresh' })}>
            Try again
          </Button>
          <Button onClick={() => post({ type: 'open_file' })}>Open the file</Button>
        </div>
      </main>
    );
  }
  const { profile } = state;
  return (
    <main class="page">
      <Header title={title} subtitle={`${count(profile.rows)} rows × ${count(profile.columns.length)} columns · ${bytes(profile.bytes)}${state.dataset === null ? '' : ` · data set ${state.dataset}`}`}>
        {state.can_train ? (
          <Button primary disabled={profile.rows === 0} onClick={() => post({ type: 'train', target: null })}>
            Train a model…
          </Button>
        ) : null}
        {state.can_train && state.dataset === null ? <Button onClick={() => post({ type: 'add_dataset' })}>Add to ml.yaml…</Button> : null}
        <Button onClick={() => post({ type: 'refresh' })}>Refresh</Button>
      </Header>
      {state.can_train ? null : <Banner kind="note">This folder is not trusted, so only this file was read. Trust the folder to train models.</Banner>}
      <Overview profile={profile} />
      <Alerts alerts={profile.alerts} reveal={(column) => reveal(column, view, setView)} />
      <Columns state={state} view={view} setView={setView} post={post} />
      <Correlations profile={profile} />
    </main>
  );
}

function Overview({ profile }: { profile: Profile }): JSX.Element {
  const cells = profile.rows * profile.columns.length;
  const missing = profile.columns.reduce((sum, column) => sum + column.missing, 0);
  return (
    <div class="stats">
      <Stat value={figure(profile.rows)} label="rows" title={count(profile.rows)} />
      <Stat value={count(profile.columns.length)} label="columns" />
      <Stat value={cells === 0 ? '–' : percent(missing / cells)} label="of cells missing" title={`${count(missing)} of ${count(cells)} cells`} />
      <Stat value={figure(profile.duplicate_rows)} label={profile.duplicate_rows === 1 ? 'duplicate row' : 'duplicate rows'} />
      <Stat value={count(profile.alerts.length)} label={profile.alerts.length === 1 ? 'alert' : 'alerts'} />
    </div>
  );
}

const firstAlerts = 6;

function Alerts({ alerts, reveal }: { alerts: ProfileAlert[]; reveal(column: string): void }): JSX.Element | null {
  if (alerts.length === 0) {
    return null;
  }
  const ordered = [...alerts].sort((a, b) => (a.severity === b.severity ? 0 : a.severity === 'warning' ? -1 : 1));
  const list = (some: ProfileAlert[]): JSX.Element[] =>
    some.map((alert, index) => (
      <Banner key={index} kind={alert.severity}>
        <Prose text={alert.message} /> {alert.column === null ? null : <LinkButton onClick={() => reveal(alert.column ?? '')}>Show column</LinkButton>}
      </Banner>
    ));
  return (
    <section class="section" aria-label="Alerts">
      <h2>Alerts</h2>
      {list(ordered.slice(0, firstAlerts))}
      {ordered.length > firstAlerts ? (
        <details>
          <summary>{ordered.length - firstAlerts} more</summary>
          {list(ordered.slice(firstAlerts))}
        </details>
      ) : null}
    </section>
  );
}

function Columns({ state, view, setView, post }: Props & { state: Extract<ProfileState, { kind: 'ready' }> }): JSX.Element {
  const { profile, charts } = state;
  const alerted = new Set(profile.alerts.map((alert) => alert.column));
  const found = sorted(
    profile.columns.filter((column) => column.name.toLowerCase().includes(view.search.toLowerCase()) && (view.type === '' || column.type === view.type) && (!view.alertsOnly || alerted.has(column.name))),
    view.sort,
  );
  const types = [...new Set(profile.columns.map((column) => column.type))].sort();
  return (
    <section class="section" aria-label="Columns">
      <h2>Columns</h2>
      <div class="toolbar">
        <TextField inline label="Find columns by name" placeholder="Find a column" value={view.search} onInput={(search) => setView({ search })} />
        <Dropdown inline label="Type" value={view.type} options={[{ value: '', label: 'All types' }, ...types.map((type) => ({ value: type, label: type }))]} onChange={(type) => setView({ type })} />
        <Dropdown
          inline
          label="Order"
          value={view.sort}
          options={[
            { value: 'file', label: 'In the order of the file' },
            { value: 'name', label: 'By name' },
            { value: 'missing', label: 'Most missing first' },
            { value: 'distinct', label: 'Most distinct first' },
          ]}
          onChange={(sort) => setView({ sort: sort as View['sort'] })}
        />
        <Checkbox checked={view.alertsOnly} onChange={(alertsOnly) => setView({ alertsOnly })}>
          With alerts only
        </Checkbox>
      </div>
      {found.length === 0 ? <Empty>No column matches.</Empty> : null}
      <div class="profile-columns">
        {found.slice(0, view.shown).map((column) => (
          <ColumnRow
            key={column.name}
            column={column}
            rows={profile.rows}
            charts={charts}
            alerts={profile.alerts.filter((alert) => alert.column === column.name)}
            open={view.open.includes(column.name)}
            toggle={() => setView({ open: view.open.includes(column.name) ? view.open.filter((name) => name !== column.name) : [...view.open, column.name] })}
            train={state.can_train && profile.rows > 0 ? () => post({ type: 'train', target: column.name }) : null}
          />
        ))}
      </div>
      {found.length > view.shown ? (
        <div class="actions">
          <Button onClick={() => setView({ shown: view.shown + page })}>
            Show more ({count(found.length - view.shown)} left)
          </Button>
        </div>
      ) : null}
    </section>
  );
}

function sorted(columns: ColumnProfile[], order: View['sort']): ColumnProfile[] {
  switch (order) {
    case 'file':
      return columns;
    case 'name':
      return [...columns].sort((a, b) => a.name.localeCompare(b.name));
    case 'missing':
      return [...columns].sort((a, b) => b.missing - a.missing);
    case 'distinct':
      return [...columns].sort((a, b) => b.distinct - a.distinct);
  }
}

/** Opens a column and brings it into sight, whatever the filter was. */
function reveal(name: string, view: View, setView: (change: Partial<View>) => void): void {
  setView({ search: '', type: '', alertsOnly: false, sort: 'file', shown: Number.MAX_SAFE_INTEGER, open: [...new Set([...view.open, name])] });
  requestAnimationFrame(() => requestAnimationFrame(() => document.getElementById(`column-${name}`)?.scrollIntoView({ block: 'center' })));
}

const firstPairs = 10;

function Correlations({ profile }: { profile: Profile }): JSX.Element | null {
  if (profile.correlations.length === 0) {
    return null;
  }
  return (
    <Card title="Columns that move together">
      <p class="muted">Pearson correlation{profile.sampled ? ', on a sample of 200,000 rows' : ''}: 1 together, −1 opposed, 0 no straight-line relation.</p>
      <table>
        <thead>
          <tr>
            <th>Column</th>
            <th>Column</th>
            <th class="number">Correlation</th>
          </tr>
        </thead>
        <tbody>
          {profile.correlations.slice(0, firstPairs).map(({ a, b, r }) => (
            <tr key={`${a}\n${b}`}>
              <td>{a}</td>
              <td>{b}</td>
              <td class="number">{r.toFixed(3)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}
