// The lists of runs that the Experiments view shows, worked out once after each change.
import type { ExperimentSummary } from '../../contracts/experiments.ts';
import type { RunSummary } from '../../contracts/runs.ts';
import { baselineTag, keyMetricTag } from '../../contracts/tags.ts';
import { keyMetricOf } from './figures.ts';
import { groupRuns, nest, newest, pageSize, shownOf, sortRuns, type GroupBy, type RunGroup, type SortBy } from './runGroups.ts';

/** What is known of a project, as its session has it. */
export interface RunSource {
  readonly runs: ReadonlyMap<string, RunSummary>;
  readonly archived: ReadonlyMap<string, RunSummary> | null;
  readonly experiments: ReadonlyMap<string, ExperimentSummary>;
}

export interface ListedGroup {
  key: string | null;
  /** In their order; nested runs are among the children of others. */
  runs: readonly RunSummary[];
}

interface Lists {
  groups: RunGroup[];
  /** Sorted when first asked for. */
  sorted: Map<string | null, readonly RunSummary[]>;
  groupOf: Map<string, RunGroup>;
  children: Map<string, RunSummary[]>;
  parents: Map<string, string>;
}

const none: readonly RunSummary[] = [];

export class RunLists<Source extends RunSource = RunSource> {
  readonly #arrangement: { readonly now: { group: GroupBy; sort: SortBy } };
  readonly #filtered: { of(source: Source): ReadonlySet<string> | null };
  readonly #lists = new Map<Source, Lists>();
  readonly #pages = new Map<string, number>();
  readonly #hidden = new Map<string, number>();

  /** @param filtered which runs of a project are shown; null: all. */
  constructor(arrangement: { readonly now: { group: GroupBy; sort: SortBy } }, filtered: { of(source: Source): ReadonlySet<string> | null }) {
    this.#arrangement = arrangement;
    this.#filtered = filtered;
  }

  /** Runs changed. */
  forget(): void {
    this.#lists.clear();
  }

  /** They are arranged in another way: first pages again. */
  startOver(): void {
    this.#lists.clear();
    this.#pages.clear();
  }

  groups(source: Source): readonly RunGroup[] {
    return this.#of(source).groups;
  }

  /** How many runs the filter leaves. */
  count(source: Source): number {
    return this.#of(source).groupOf.size;
  }

  /** The runs of a group, in order. */
  runsOf(source: Source | undefined, key: string | null): readonly RunSummary[] {
    if (source === undefined) {
      return none;
    }
    const lists = this.#of(source);
    const known = lists.sorted.get(key);
    if (known !== undefined) {
      return known;
    }
    const runs = lists.groups.find((group) => group.key === key)?.runs ?? none;
    const sorted = this.#sort(source, runs.filter((run) => !lists.parents.has(run.run_id)));
    lists.sorted.set(key, sorted);
    return sorted;
  }

  /** How many runs a group has, nested ones too. */
  size(source: Source | undefined, key: string | null): number {
    return source === undefined ? 0 : (this.groups(source).find((group) => group.key === key)?.runs.length ?? 0);
  }

  groupOf(source: Source, run_id: string): ListedGroup | undefined {
    return this.#of(source).groupOf.get(run_id);
  }

  /** The runs that it started, where runs are shown nested. */
  childrenOf(source: Source, run_id: string): readonly RunSummary[] {
    return this.#of(source).children.get(run_id) ?? none;
  }

  parentOf(source: Source, run_id: string): string | undefined {
    return this.#of(source).parents.get(run_id);
  }

  anyRunning(source: Source): boolean {
    for (const run of source.runs.values()) {
      if (run.status === 'running') {
        return true;
      }
    }
    return false;
  }

  /** What the runs of an experiment are shown by and measured by. */
  measures(source: Source, experiment: ExperimentSummary | undefined): { keyMetric: string | undefined; baseline: RunSummary | null } {
    const pinned = experiment?.tags[baselineTag];
    // The list's is newer than what the experiment was told with.
    return { keyMetric: experiment?.tags[keyMetricTag], baseline: pinned === undefined ? null : (source.runs.get(pinned) ?? experiment?.baseline ?? null) };
  }

  archivedExperiments(source: Source): ExperimentSummary[] {
    return [...source.experiments.values()].filter((experiment) => experiment.archived).sort((a, b) => a.name.localeCompare(b.name));
  }

  /** The archived runs of an experiment, newest first. */
  archivedOf(source: Source, experiment: string): readonly RunSummary[] {
    return [...(source.archived?.values() ?? [])].filter((run) => run.experiment === experiment).sort(newest);
  }

  /** Archived runs whose experiment is not, newest first. */
  archivedAlone(source: Source): readonly RunSummary[] {
    return [...(source.archived?.values() ?? [])].filter((run) => !source.experiments.get(run.experiment)?.archived).sort(newest);
  }

  /** The rows of a list that are shown. */
  page<T>(list: string, rows: readonly T[]): { shown: readonly T[]; hidden: number } {
    const page = shownOf(rows, this.#pages.get(list) ?? 1);
    this.#hidden.set(list, page.hidden);
    return page;
  }

  hidden(list: string): number {
    return this.#hidden.get(list) ?? 0;
  }

  showMore(list: string): void {
    this.#pages.set(list, (this.#pages.get(list) ?? 1) + 1);
  }

  /** Has enough rows of a list shown for this one to be among them. */
  showRow(list: string, index: number): void {
    this.#pages.set(list, Math.max(this.#pages.get(list) ?? 1, Math.floor(index / pageSize) + 1));
  }

  #sort(source: Source, runs: readonly RunSummary[]): RunSummary[] {
    return sortRuns(runs, this.#arrangement.now.sort, (run) => keyMetricOf(run, source.experiments.get(run.experiment)?.tags[keyMetricTag]), Date.now());
  }

  #of(source: Source): Lists {
    const known = this.#lists.get(source);
    if (known !== undefined) {
      return known;
    }
    const { group } = this.#arrangement.now;
    const filter = this.#filtered.of(source);
    const runs = [...source.runs.values()].filter((run) => filter === null || filter.has(run.run_id));
    const groups = groupRuns(runs, group);
    const groupOf = new Map(groups.flatMap((each) => each.runs.map((run) => [run.run_id, each])));
    const { children } = nest(runs, group);
    const parents = new Map([...children].flatMap(([parent, list]) => list.map((run) => [run.run_id, parent])));
    const nested = new Map([...children].map(([parent, list]) => [parent, this.#sort(source, list)]));
    const lists: Lists = { groups, sorted: new Map(), groupOf, children: nested, parents };
    this.#lists.set(source, lists);
    return lists;
  }
}
