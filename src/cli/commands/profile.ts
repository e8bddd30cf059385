import { profileFile } from '../../core/data/api.ts';
import { compactNumber, table } from '../format.ts';
import { dataSource, projectOrNull, required, type Command } from '../context.ts';

export const profile: Command = {
  name: 'profile',
  positionals: '<file|dataset>',
  summary: 'Look at a CSV, Parquet or JSON lines file: columns, distributions, alerts',
  options: {},
  async run(context) {
    const name = required(context, 0, '<file|dataset>');
    const { file } = await dataSource(context, await projectOrNull(context), name);
    const found = await profileFile(file, { signal: context.signal });
    const columns = found.columns.map((column) => [
      column.name,
      column.type,
      column.missing === 0 ? '' : compactNumber(column.missing),
      compactNumber(column.distinct),
      column.minimum === undefined ? (column.first ?? '') : compactNumber(column.minimum),
      column.maximum === undefined ? (column.last ?? '') : compactNumber(column.maximum),
      column.top_values?.[0]?.value ?? (column.mean === undefined ? '' : `mean ${compactNumber(column.mean)}`),
    ]);
    context.result(
      found,
      [
        `${found.rows.toLocaleString('en')} rows, ${found.columns.length} columns`,
        table(['column', 'type', 'missing', 'distinct', 'minimum', 'maximum', 'typical'], columns),
        ...found.alerts.map((alert) => `${alert.severity === 'warning' ? '!' : '-'} ${alert.message}`),
      ].join('\n'),
    );
    return 0;
  },
};
