// What starts a retraining by itself: schedules, new rows, alarms.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Alert } from '../../contracts/monitoring.ts';
import type { ProjectFile, RetrainingEntry } from '../../contracts/projectFile.ts';
import type { TriggerKind } from '../../contracts/retraining.ts';
import type { Project } from '../project/api.ts';
import { championOf } from './plan.ts';
import { durationOf, nextRun } from './schedule.ts';
import type { Memory, RetrainingStore } from './store.ts';

const defaultCoolDown = '1h';
/** How many alerts an entry remembers. */
const mostAlerts = 100;

export interface Trigger {
  kind: TriggerKind;
  detail: string;
}

/** The triggers of an entry in words. */
export function triggersOf(entry: RetrainingEntry): string[] {
  return [
    ...(entry.schedule === undefined ? [] : [`on the schedule ${entry.schedule}`]),
    ...(entry.new_rows === undefined ? [] : [`after ${entry.new_rows.toLocaleString('en')} new rows`]),
    ...(entry.on_drift === true ? ['on drift'] : []),
    ...(entry.on_worse_score === true ? ['on a worse score'] : []),
  ];
}

/** Why an entry cannot start, where that was with this ml.yaml. @param file its time of change. */
export function faultOf({ fault }: Memory, file: number): Memory['fault'] {
  return fault?.file === file ? fault : null;
}

/** Until when no automatic start may come; null where it may. A start that failed counts until ml.yaml changes. */
export function coolingUntil(entry: RetrainingEntry, memory: Memory, file: number, now: number): number | null {
  const last = Math.max(memory.last_start ?? Number.NEGATIVE_INFINITY, faultOf(memory, file)?.at ?? Number.NEGATIVE_INFINITY);
  const until = last + durationOf(entry.cool_down ?? defaultCoolDown);
  return until > now ? until : null;
}

/**
 * The one thing that shall start a retraining now, or null. A machine that slept over three schedules starts one.
 * What comes while the entry cools down waits; what comes while it runs is answered by that run.
 *
 * @throws UserError where the schedule is no cron pattern.
 */
export function dueTrigger(store: RetrainingStore, name: string, entry: RetrainingEntry, running: boolean, file: number, now: number): Trigger | null {
  let memory = store.memory(name);
  const { schedule } = entry;
  if ((schedule ?? null) !== memory.pattern || memory.schedule_from === null) {
    memory = store.remember(name, { pattern: schedule ?? null, schedule_from: now });
  }
  if (running) {
    store.remember(name, { schedule_from: now, ...answered(memory) });
    return null;
  }
  if (coolingUntil(entry, memory, file, now) !== null) {
    return null;
  }
  const next = schedule === undefined ? null : nextRun(schedule, memory.schedule_from ?? now);
  const due = next !== null && next <= now;
  return due ? { kind: 'schedule', detail: `The schedule ${schedule ?? ''} was due ${new Date(next).toISOString().slice(0, 16).replace('T', ' ')} UTC.` } : memory.pending;
}

/** What a start does to the memory: it answers all that waited. */
export function afterStart(store: RetrainingStore, name: string, now: number): void {
  store.remember(name, { last_start: now, schedule_from: now, fault: null, ...answered(store.memory(name)) });
}

/** Nothing waits any more; the alert that did starts nothing again. */
function answered({ pending, alerts }: Memory): Partial<Memory> {
  return { pending: null, ...(pending?.alert_id ? { alerts: [...alerts, pending.alert_id].slice(-mostAlerts) } : {}) };
}

/** Takes an alert in: one that opened waits as a trigger, once; one that closed waits no more. */
export function noteAlert(store: RetrainingStore, name: string, entry: RetrainingEntry, alert: Alert, running: boolean): void {
  const wanted = (alert.kind === 'drift' && entry.on_drift === true) || (alert.kind === 'performance' && entry.on_worse_score === true);
  if (alert.endpoint !== entry.deployment || !wanted) {
    return;
  }
  const { pending, alerts } = store.memory(name);
  if (alert.closed !== null) {
    store.remember(name, pending?.alert_id === alert.alert_id ? { pending: null } : {});
  } else if (!alerts.includes(alert.alert_id)) {
    store.remember(name, running ? { alerts: [...alerts, alert.alert_id].slice(-mostAlerts) } : { pending: pending ?? { kind: alert.kind === 'drift' ? 'drift' : 'worse_score', detail: alert.message, alert_id: alert.alert_id } });
  }
}

/** Counts the rows of a data file that changed, and lets enough that are new to the champion wait as a trigger. */
export async function noteNewRows(store: RetrainingStore, project: Project, file: ProjectFile, name: string, entry: RetrainingEntry, countRows: (file: string) => Promise<number>): Promise<void> {
  const dataset = file.datasets?.[file.models?.[entry.model]?.dataset ?? ''];
  if (entry.new_rows === undefined || dataset === undefined) {
    return;
  }
  const data = path.resolve(project.root, dataset.path);
  const found = await stat(data).catch(() => null);
  const memory = store.memory(name);
  if (found === null || (memory.data?.file === data && memory.data.size === found.size && memory.data.mtime === found.mtimeMs)) {
    return;
  }
  // A file that cannot be read now is looked at again when it changes.
  const rows = await countRows(data).catch(() => null);
  store.remember(name, { data: { file: data, size: found.size, mtime: found.mtimeMs, rows } });
  const champion = await championOf(project, entry.model).catch(() => null);
  if (rows === null || champion === null) {
    return;
  }
  const since = rows - Math.max(champion.file.data?.rows ?? 0, memory.tried_rows ?? 0);
  if (since >= entry.new_rows) {
    store.remember(name, { pending: store.memory(name).pending ?? { kind: 'new_data', detail: `${path.basename(data)} has ${since.toLocaleString('en')} new rows.`, alert_id: null } });
  }
}
