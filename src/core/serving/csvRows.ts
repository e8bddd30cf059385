import { UserError } from '../../contracts/errors.ts';
import type { Cell, ModelInput, Row } from '../../contracts/model.ts';
import { shortened } from './rows.ts';

/**
 * The rows of a CSV text with a header, read by what the model takes: an empty field is missing.
 *
 * @throws UserError that names the line, for a quote without its end or a line of another length; or the column, for one
 * without a name or whose name stands twice.
 */
export function rowsOfCsv(text: string, inputs: readonly ModelInput[]): Row[] {
  const [header, ...lines] = records(text.replace(/^\uFEFF/, ''));
  if (header === undefined) {
    throw new UserError('The body is empty. CSV starts with a line of column names.');
  }
  const known = new Map(inputs.map((input) => [input.name, input]));
  const repeated = header.find((name, index) => header.indexOf(name) !== index);
  if (repeated !== undefined) {
    throw new UserError(`The column \`${shortened(repeated)}\` stands twice in the header.`, { field: repeated });
  }
  if (header.includes('')) {
    throw new UserError(`Column ${header.indexOf('') + 1} of the header has no name. Leave out a column of row numbers (in pandas: index=False).`);
  }
  return lines.map((line, index) => {
    if (line.length !== header.length) {
      throw new UserError(`Row ${index + 1} has ${line.length} fields, but the header has ${header.length}.`);
    }
    return Object.fromEntries(header.map((name, column) => [name, cell(line[column] ?? '', known.get(name))]));
  });
}

/** What is no number, date or boolean stays a text, which is then refused by name. */
function cell(text: string, input: ModelInput | undefined): Cell {
  if (text === '') {
    return null;
  }
  if (input?.type === 'number') {
    const number = text.trim() === '' ? Number.NaN : Number(text);
    return Number.isFinite(number) ? number : text;
  }
  if (input?.type === 'boolean') {
    return /^(true|1)$/i.test(text) ? true : /^(false|0)$/i.test(text) ? false : text;
  }
  return text;
}

/** Records as RFC 4180 has them; blank lines are left out. */
function records(text: string): string[][] {
  const found: string[][] = [];
  const field = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r?\n|\r|$)/gy;
  let record: string[] = [];
  while (field.lastIndex < text.length || record.length > 0) {
    const match = field.exec(text);
    if (match === null) {
      throw new UserError(`Row ${found.length} of the CSV has a quote that does not end, or that stands within a field.`);
    }
    record.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] !== ',') {
      if (record.length > 1 || record[0] !== '') {
        found.push(record);
      }
      record = [];
    }
  }
  return found;
}
