import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Button, LinkButton, Tabs, Waiting } from '../components/controls.tsx';
import { count } from '../components/format.ts';
import { Banner, Header } from '../components/layout.tsx';
import { arranged, fewRuns, queryOf, shownColumns, type Arranged, type Tab } from './arrangement.ts';
import { makeAsk } from './asks.ts';
import { CurvesTab } from './CurvesTab.tsx';
import { ParallelTab } from './ParallelTab.tsx';
import { ScatterTab } from './ScatterTab.tsx';
import type { CompareProps, Opened, Shared } from './shared.ts';
import { SideBySide } from './SideBySide.tsx';
import { TableTab } from './TableTab.tsx';
import { TableData } from './tableData.ts';
import './styles.ts';

const tabNames: Record<Tab, string> = { side: 'Side by side', table: 'Table', curves: 'Curves', parallel: 'Parallel coordinates', scatter: 'Scatter' };

export function CompareView(props: CompareProps): JSX.Element {
  const { opened, failed } = props.state;
  if (opened === null) {
    return (
      <main class="page">
        <Header title="Compare runs" />
        {failed === null ? <Waiting>Comparing…</Waiting> : <Banner kind="error">{failed}</Banner>}
      </main>
    );
  }
  return <Comparing {...props} opened={opened} />;
}

function Comparing({ state, view, setView, post, opened }: CompareProps & { opened: Opened }): JSX.Element {
  const { scope } = opened;
  const arrangement = useMemo(() => arranged(view.touched ? view.arrangement : (opened.arrangement ?? {}), scope), [view, opened]);
  const [news, setNews] = useState(0);
  const ask = useMemo(() => makeAsk(post), []);
  const data = useMemo(() => new TableData(ask, () => setNews((last) => last + 1)), []);
  const tabs = (Object.keys(tabNames) as Tab[]).filter((tab) => tab !== 'side' || (scope.run_ids !== undefined && scope.run_ids.length <= fewRuns));
  const selected = useMemo(() => new Set(view.selected), [view.selected]);
  const wanted = queryOf(arrangement, scope);
  data.show(wanted);
  const query = data.problem === null ? wanted : (data.query ?? wanted);

  const first = useRef(true);
  useEffect(() => {
    if (!first.current) {
      data.refresh();
    }
    first.current = false;
  }, [state.changes]);
  useEffect(() => (state.chosenView === undefined ? undefined : setView({ viewName: state.chosenView })), [state.views]);
  const widths = useRef(view.arrangement.widths);
  useEffect(() => {
    const keep = (): void => (view.touched ? post({ type: 'arranged', arrangement: view.arrangement }) : undefined);
    // Dragging a column's edge arranges at every step, of which the last is kept; all else at once, as the panel may be closed next.
    const dragged = view.arrangement.widths !== widths.current;
    widths.current = view.arrangement.widths;
    if (!dragged) {
      keep();
      return undefined;
    }
    const timer = setTimeout(keep, 300);
    return () => clearTimeout(timer);
  }, [view.arrangement]);

  // Two changes may come before the next drawing, as where a click leaves the filter and chooses a tab.
  const latest = useRef(arrangement);
  latest.current = arrangement;
  const arrange = (change: Partial<Arranged>): void => {
    latest.current = { ...latest.current, ...change };
    setView({ arrangement: latest.current, touched: true });
  };
  const columns = useMemo(() => shownColumns(data.columns, arrangement), [data.columns, arrangement]);
  const shared: Shared = { data, news, arrangement, arrange };
  const chart = { ...shared, ask, query, selected: view.selected, changes: state.changes, onOpen: (run_id: string) => post({ type: 'open_run', run_id }), onSelect: (run_ids: string[]) => setView({ selected: run_ids }) };
  const { found } = data;
  const of = scope.experiment === undefined ? (scope.run_ids === undefined ? 'of the project' : 'chosen') : `of ${scope.experiment}`;
  return (
    <main class="page compare">
      <Header
        title={scope.experiment ?? (scope.run_ids === undefined ? 'All runs' : `Compare ${count(scope.run_ids.length)} runs`)}
        subtitle={
          <span aria-live="polite">
            {found === null ? 'Looking for runs…' : `${count(found)} ${data.total === null || data.total === found ? '' : `of ${count(data.total)} `}runs ${of}, ${count(columns.length)} columns`}
            {data.looked < data.of ? ` so far: ${Math.round((100 * data.looked) / data.of)} % of the runs looked through` : ''}
          </span>
        }
      >
        <Button disabled={found === null || found === 0} onClick={() => post({ type: 'export', query, columns: [{ group: 'attribute', key: 'run_id' }, { group: 'attribute', key: 'name' }, ...columns.map(({ column }) => column)] })}>
          Export…
        </Button>
      </Header>
      {state.failed === null ? null : <Banner kind="error">{state.failed}</Banner>}
      <Warnings warnings={data.warnings} />
      <Tabs label="How to compare" names={tabs.map((tab) => tabNames[tab])} selected={Math.max(0, tabs.indexOf(arrangement.tab))} onSelect={(index) => arrange({ tab: tabs[index] ?? 'table' })} />
      {view.selected.length === 0 || arrangement.tab === 'side' ? null : (
        <div class="selection" role="status">
          <strong>{view.selected.length === 1 ? '1 run selected' : `${count(view.selected.length)} runs selected`}</strong>
          {view.selected.length === 1 ? <LinkButton onClick={() => post({ type: 'open_run', run_id: view.selected[0] ?? '' })}>Open</LinkButton> : <LinkButton onClick={() => post({ type: 'compare', run_ids: view.selected })}>Compare these only</LinkButton>}
          <LinkButton onClick={() => post({ type: 'export', query: { ...query, scope: { run_ids: view.selected }, filter: '' }, columns: [{ group: 'attribute', key: 'run_id' }, { group: 'attribute', key: 'name' }, ...columns.map(({ column }) => column)] })}>Export these…</LinkButton>
          <LinkButton onClick={() => setView({ selected: [] })}>Clear</LinkButton>
        </div>
      )}
      {arrangement.tab === 'side' ? <SideBySide state={state} arrangement={arrangement} arrange={arrange} post={post} /> : null}
      {arrangement.tab === 'table' ? (
        <TableTab
          {...shared}
          columns={columns}
          selected={selected}
          views={state.views}
          viewName={view.viewName}
          onSelect={(run_ids) => setView({ selected: [...run_ids] })}
          onSelectAll={async (all) => setView({ selected: all ? (await ask({ type: 'values', query, columns: [], max: 20_000 })).runs.map(({ run_id }) => run_id) : [] })}
          onView={(saved) => setView({ arrangement: { ...saved.arrangement, tab: saved.arrangement.tab ?? 'table' }, touched: true, viewName: saved.name })}
          post={post}
        />
      ) : null}
      {arrangement.tab === 'curves' ? <CurvesTab {...chart} /> : null}
      {arrangement.tab === 'parallel' ? <ParallelTab {...chart} /> : null}
      {arrangement.tab === 'scatter' ? <ScatterTab {...chart} /> : null}
    </main>
  );
}

/** What makes the comparison unfair: in full where it is short. */
function Warnings({ warnings }: { warnings: readonly string[] }): JSX.Element | null {
  const [first, ...more] = warnings;
  return first === undefined ? null : (
    <Banner kind="warning">
      {first}
      {more.map((warning) => (
        <div key={warning}>{warning}</div>
      ))}
    </Banner>
  );
}

