import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { FromComparePanel } from '../../src/contracts/panels/compare.ts';
import { Aggregate, type CompareView as SavedView } from '../../src/contracts/runTable.ts';
import { Button, Checkbox, Dropdown } from '../components/controls.tsx';
import { Empty } from '../components/layout.tsx';
import { aggregateNames, withShown, type Arranged, type ShownColumn } from './arrangement.ts';
import { ColumnChooser } from './ColumnChooser.tsx';
import { FilterField } from './FilterField.tsx';
import { Grid } from './Grid.tsx';
import type { Shared } from './shared.ts';
import { Views } from './Views.tsx';

interface TableProps extends Shared {
  columns: readonly ShownColumn[];
  selected: ReadonlySet<string>;
  views: readonly SavedView[];
  viewName: string | null;
  onSelect(run_ids: Iterable<string>): void;
  onSelectAll(selected: boolean): void;
  onView(view: SavedView): void;
  post(message: FromComparePanel): void;
}

const defaultNameWidth = 220;

/** The table, and what arranges it. */
export function TableTab({ data, news, arrangement, arrange, columns, selected, views, viewName, onSelect, onSelectAll, onView, post }: TableProps): JSX.Element {
  const [choosing, setChoosing] = useState(false);
  const { hidden, pinned, widths, aggregates } = arrangement;
  const setAggregate = (key: string, aggregate: Arranged['aggregate'] | null): void => {
    const others = Object.fromEntries(Object.entries(aggregates).filter(([each]) => each !== key));
    arrange({ aggregates: aggregate === null ? others : { ...others, [key]: aggregate } });
  };
  const select = (run_ids: readonly string[], add: boolean): void => {
    const next = new Set(selected);
    run_ids.forEach((id) => (add ? next.add(id) : next.delete(id)));
    onSelect(next);
  };
  const hide = (id: string): void => {
    const column = data.columns.filter((each) => `${each.group}:${each.key}` === id);
    arrange(withShown(column, false, arrangement));
  };
  return (
    <>
      <div class="toolbar">
        <FilterField filter={arrangement.filter} problem={data.problem} onFilter={(filter) => arrange({ filter })} />
        <Dropdown inline label="What of each metric" value={arrangement.aggregate} options={Aggregate.options.map((value) => ({ value, label: `${aggregateNames[value]} value` }))} onChange={(value) => arrange({ aggregate: value as Arranged['aggregate'], aggregates: {} })} />
        <Checkbox checked={arrangement.differences} onChange={(differences) => arrange({ differences })}>
          Only what differs
        </Checkbox>
        {data.baseline === null ? null : (
          <Checkbox checked={arrangement.toBaseline} onChange={(toBaseline) => arrange({ toBaseline })}>
            Difference to baseline
          </Checkbox>
        )}
        <Views
          views={views}
          chosen={viewName}
          onChoose={onView}
          onSave={(name) => post({ type: 'save_view', name, arrangement })}
          onRename={(name) => post({ type: 'rename_view', name })}
          onDelete={(name) => post({ type: 'delete_view', name })}
        />
        <Button onClick={() => setChoosing(!choosing)}>{choosing ? 'Close columns' : `Columns${hidden.length === 0 ? '' : ` (${hidden.length} hidden)`}`}</Button>
      </div>
      <div class="work">
        {data.found === 0 ? (
          <Empty actions={arrangement.filter === '' ? undefined : <Button onClick={() => arrange({ filter: '' })}>Clear the filter</Button>}>{arrangement.filter === '' ? 'There are no runs here yet.' : 'No run is like this.'}</Empty>
        ) : (
          <Grid
            data={data}
            news={news}
            columns={columns}
            nameWidth={widths['name'] ?? defaultNameWidth}
            sort={arrangement.sort}
            selected={selected}
            toBaseline={arrangement.toBaseline}
            onSort={(sort) => arrange({ sort: sort.slice(0, 3) })}
            onSelect={select}
            onSelectAll={onSelectAll}
            onOpen={(run_id) => post({ type: 'open_run', run_id })}
            onWidth={(id, width) => arrange({ widths: { ...widths, [id]: width } })}
            onPin={(id, pin) => arrange({ pinned: pin ? [...pinned, id] : pinned.filter((each) => each !== id) })}
            onHide={hide}
            onAggregate={setAggregate}
          />
        )}
        {choosing ? <ColumnChooser columns={data.columns} arrangement={arrangement} of={data.of} onChange={arrange} /> : null}
      </div>
    </>
  );
}
