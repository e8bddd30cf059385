// Watching served models: drift of files, windows over logged predictions, alerts. What computes is loaded when asked.
import type { LabelsResult } from '../../contracts/endpoints.ts';
import type { DriftReport, DriftRequest, LabelsFileRequest, WindowAnswer, WindowRequest } from '../../contracts/monitoring.ts';

export { Monitoring, type MonitoredEndpoints, type MonitoredVersion, type MonitoringEvents, type MonitoringOptions } from './monitoring.ts';
export { defaultMonitorSettings } from './settings.ts';

/**
 * How far the columns of two files are apart.
 *
 * @throws UserError where a file is no table, has no rows, or they have no column in common.
 */
export async function compareFiles(request: DriftRequest, options: { signal?: AbortSignal } = {}): Promise<DriftReport> {
  const { compare } = await import('./compareFiles.ts');
  return compare(request, options.signal);
}

/** The next full windows of a version's logged predictions, judged; several at once only for labels. */
export async function judgeWindows(request: WindowRequest, options: { signal?: AbortSignal } = {}): Promise<WindowAnswer> {
  if (request.kind === 'data') {
    const { judgeData } = await import('./dataWindow.ts');
    return judgeData(request);
  }
  const { judgePerformance } = await import('./performanceWindow.ts');
  return judgePerformance(request, options.signal);
}

/**
 * Appends the labels of a table to an endpoint's labels.
 *
 * @throws UserError where the file is no table, lacks a column, or no row has both an id and a value.
 */
export async function addLabels(request: LabelsFileRequest, options: { signal?: AbortSignal } = {}): Promise<LabelsResult> {
  const { appendLabels } = await import('./labels.ts');
  return appendLabels(request, options.signal);
}
