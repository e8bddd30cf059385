import type { MonitorSettings } from '../../contracts/monitoring.ts';

/** How an endpoint is watched that ml.yaml says nothing about. */
export const defaultMonitorSettings: MonitorSettings = { window: 500, consecutive: 2, drift_threshold: 0.1, metric: null, worse_by: 0.2, ignore: [] };
