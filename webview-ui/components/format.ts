// Figures for people: few digits in sight, all of them on hover.

// Made once: a table of thousands of figures spends more on making formats than on all else.
const digits = { three: new Intl.NumberFormat('en', { maximumSignificantDigits: 3 }), four: new Intl.NumberFormat('en', { maximumSignificantDigits: 4 }), five: new Intl.NumberFormat('en', { maximumSignificantDigits: 5 }) };
const counts = new Intl.NumberFormat('en');
const moments = new Intl.DateTimeFormat([], { dateStyle: 'medium', timeStyle: 'short' });
const dates = new Intl.DateTimeFormat([], { dateStyle: 'medium', timeZone: 'UTC' });

/** 0.931, 1,234, 1.2 M; "–" where there is none. */
export function figure(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) {
    return '–';
  }
  const size = Math.abs(value);
  if (size >= 1e15 || (size > 0 && size < 1e-4)) {
    return value.toExponential(2);
  }
  if (size >= 1e7) {
    return `${digits.three.format(value / 1e6)} M`;
  }
  if (Number.isInteger(value) || size >= 10_000) {
    return counts.format(Math.round(value));
  }
  return (size >= 1000 ? digits.five : digits.four).format(value);
}

/** A metric: three decimals below 10, so that columns line up. */
export function score(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? '–' : Math.abs(value) < 10 ? value.toFixed(3) : figure(value);
}

export function count(value: number): string {
  return counts.format(value);
}

export function percent(share: number): string {
  return share === 0 ? '0 %' : share === 1 ? '100 %' : share < 0.001 ? '< 0.1 %' : share > 0.999 && share < 1 ? '> 99.9 %' : `${(share * 100).toFixed(1)} %`;
}

export function bytes(value: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const step = value < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  return `${(value / 1000 ** step).toLocaleString('en', { maximumFractionDigits: step === 0 ? 0 : 1 })} ${units[step] ?? ''}`;
}

export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 60) {
    return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  }
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${Math.round(seconds % 60)} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A latency: "0.42 ms", "12 ms", "1.2 s". */
export function latency(milliseconds: number | null | undefined): string {
  if (milliseconds === null || milliseconds === undefined) {
    return '–';
  }
  return milliseconds < 10 ? `${milliseconds.toFixed(2)} ms` : milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** A rate: "0", "0.3", "12.5", "1,240", all per second. */
export function rate(perSecond: number): string {
  return perSecond === 0 ? '0' : perSecond < 100 ? perSecond.toFixed(1) : count(Math.round(perSecond));
}

/** The moment in the person's own zone. */
export function moment(milliseconds: number): string {
  return isMoment(milliseconds) ? moments.format(milliseconds) : '–';
}

/** Whether the calendar has it: programs log times in other units too. */
function isMoment(milliseconds: number): boolean {
  return Math.abs(milliseconds) <= 8.64e15;
}

/** As `moment`; of a midnight of the calendar the date alone, as rows with dates and no times have it. */
export function dateOrMoment(milliseconds: number): string {
  return isMoment(milliseconds) && milliseconds % 86_400_000 === 0 ? dates.format(milliseconds) : moment(milliseconds);
}

/** "A to B"; once where both read the same. */
export function period(from: number, to: number): string {
  return [...new Set([dateOrMoment(from), dateOrMoment(to)])].join(' to ');
}

const names: Record<string, string> = {
  roc_auc: 'ROC AUC', average_precision: 'Average precision', log_loss: 'Log loss', accuracy: 'Accuracy', f1: 'F1', r2: 'R²', rmse: 'RMSE', mae: 'MAE',
};

/** A metric's name for people; a script's own metric stays as the script calls it. */
export function metricName(key: string): string {
  return names[key] ?? (key.startsWith('cv_') && names[key.slice(3)] !== undefined ? `${names[key.slice(3)] ?? ''} (cross-validation)` : key);
}

export function baseName(file: string): string {
  return file.split(/[/\\]/).at(-1) ?? file;
}
