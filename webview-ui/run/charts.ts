// Which metrics of a run share a chart, and which charts stand together.
import type { RunKind } from '../../src/contracts/runs.ts';
import type { MetricFigures } from '../../src/contracts/curves.ts';

export interface ChartPlan {
  title: string;
  /** The heading that it stands under; '' for none. */
  group: string;
  lines: { key: string; name: string }[];
}

export const systemPrefix = 'system/';

/** The charts of a run: of its metrics, or of what it cost the machine. Metrics that were logged once have none. */
export function chartsOf(figures: Readonly<Record<string, MetricFigures>>, kind: RunKind, about: 'metrics' | 'machine'): ChartPlan[] {
  const found = new Map<string, ChartPlan>();
  const keys = Object.keys(figures).filter((key) => key.startsWith(systemPrefix) === (about === 'machine'));
  for (const key of keys.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))) {
    // A training's folds share a chart, and its final figures stand in the report.
    const shared = kind === 'training' && about === 'metrics';
    const cut = shared ? key.lastIndexOf('/') : key.indexOf('/');
    if (shared ? cut < 0 : (figures[key]?.count ?? 0) < 2) {
      continue;
    }
    const id = shared ? key.slice(0, cut) : key;
    const plan = found.get(id) ?? (about === 'machine' ? { title: machineTitle(key), group: '', lines: [] } : shared ? { title: trainingTitle(id), group: '', lines: [] } : { title: key, group: key.slice(0, Math.max(0, cut)), lines: [] });
    plan.lines.push({ key, name: shared ? key.slice(cut + 1) : plan.title });
    found.set(id, plan);
  }
  return [...found.values()];
}

/** Those whose name or whose lines' names have all words of the filter. */
export function matching(plans: readonly ChartPlan[], filter: string): ChartPlan[] {
  const words = filter.toLowerCase().split(/\s+/).filter((word) => word !== '');
  return plans.filter(({ title, lines }) => words.every((word) => `${title} ${lines.map(({ key }) => key).join(' ')}`.toLowerCase().includes(word)));
}

/** Charts by their group, in the order of first appearance; those without one first. */
export function grouped(plans: readonly ChartPlan[]): [group: string, plans: ChartPlan[]][] {
  const groups = new Map<string, ChartPlan[]>([['', []]]);
  for (const plan of plans) {
    groups.set(plan.group, [...(groups.get(plan.group) ?? []), plan]);
  }
  return [...groups].filter(([, some]) => some.length > 0);
}

/** `system/memory_mb` reads "memory, MB". */
function machineTitle(key: string): string {
  return key.slice(systemPrefix.length).replace(/^cpu_percent$/, 'processor, % of a core').replace(/^(gpu\d*)_percent$/, '$1, %').replace(/_mb$/, ', MB').replaceAll('_', ' ');
}

/** `validation_loss/linear_l2_0.01` reads "linear, L2 0.01: validation loss". */
function trainingTitle(name: string): string {
  const match = /^(train|validation)_loss\/(.+)$/.exec(name);
  return match === null ? name : `${(match[2] ?? '').replace(/_l2_/, ', L2 ').replaceAll('_', ' ')}: ${match[1] === 'train' ? 'training' : 'validation'} loss`;
}
