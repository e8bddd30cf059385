// MLflow's scoring protocol, POST /invocations.
import { UserError } from '../../contracts/errors.ts';
import type { ModelInput, Row } from '../../contracts/model.ts';
import { checkRowCount, isObject, kindOf, rowsOfColumns, rowsOfLists, rowsOfRecords, shortened } from './rows.ts';

export interface ScoringRequest {
  rows: Row[];
  /** The rows' own ids, as `params.ids` gives them; one a row. */
  ids: string[] | null;
}

const forms = ['dataframe_split', 'dataframe_records', 'instances', 'inputs'] as const;

/** @throws UserError that says what is wrong and names the field. */
export function parseScoringRequest(body: unknown, inputs: readonly ModelInput[]): ScoringRequest {
  if (!isObject(body)) {
    throw new UserError(`The body must be a JSON object with one of ${forms.join(', ')}, got ${kindOf(body)}.`);
  }
  const [form, second] = forms.filter((name) => Object.hasOwn(body, name));
  const extra = Object.keys(body).find((name) => name !== 'params' && !(forms as readonly string[]).includes(name));
  if (form === undefined || second !== undefined || extra !== undefined) {
    const problem = extra !== undefined ? `"${shortened(extra)}" is not one of them` : form === undefined ? 'it has none' : `it has ${form} and ${second ?? ''}`;
    throw new UserError(`The body must have exactly one of ${forms.join(', ')}, and may have params; ${problem}.`, extra === undefined ? {} : { field: extra });
  }
  const rows = rowsOf(form, body[form], inputs);
  checkRowCount(rows.length);
  return { rows, ids: idsOf(body['params'], rows.length) };
}

function rowsOf(form: (typeof forms)[number], value: unknown, inputs: readonly ModelInput[]): Row[] {
  switch (form) {
    case 'dataframe_split':
      return split(value, inputs);
    case 'dataframe_records':
      if (!Array.isArray(value)) {
        throw new UserError(`dataframe_records must be a list of objects, got ${kindOf(value)}.`, { field: form });
      }
      return rowsOfRecords(value, form);
    case 'instances':
    case 'inputs':
      return tensors(form, value, inputs);
  }
}

function split(value: unknown, inputs: readonly ModelInput[]): Row[] {
  if (!isObject(value) || !Array.isArray(value['data'])) {
    throw new UserError('dataframe_split must be an object with columns and data, a list of rows.', { field: 'dataframe_split' });
  }
  const extra = Object.keys(value).find((name) => !['columns', 'index', 'data'].includes(name));
  if (extra !== undefined) {
    throw new UserError(`dataframe_split holds columns, index and data, but not "${shortened(extra)}".`, { field: extra });
  }
  const columns: unknown = value['columns'] ?? inputs.map((input) => input.name);
  if (!Array.isArray(columns) || !columns.every((name) => typeof name === 'string')) {
    throw new UserError('dataframe_split.columns must be a list of column names.', { field: 'columns' });
  }
  const repeated = columns.find((name, index) => columns.indexOf(name) !== index);
  if (repeated !== undefined) {
    throw new UserError(`The column \`${shortened(repeated)}\` stands twice in dataframe_split.columns.`, { field: repeated });
  }
  return rowsOfLists(columns, value['data'], 'dataframe_split.data');
}

/** Rows as objects or as lists in the model's order; a list of bare values where the model takes one; or columns by name. */
function tensors(form: 'instances' | 'inputs', value: unknown, inputs: readonly ModelInput[]): Row[] {
  if (Array.isArray(value)) {
    const first: unknown = value[0];
    if (isObject(first)) {
      return rowsOfRecords(value, form);
    }
    const single = inputs.length === 1 && !Array.isArray(first);
    const names = inputs.map((input) => input.name);
    return rowsOfLists(names, single ? value.map((each: unknown) => [each]) : value, form);
  }
  if (form === 'inputs' && isObject(value)) {
    const columns = Object.entries(value);
    // One row may be given without lists.
    const lists = columns.some(([, values]) => Array.isArray(values));
    return rowsOfColumns(
      new Map(
        columns.map(([name, values]): [string, unknown[]] => {
          if (lists && !Array.isArray(values)) {
            throw new UserError(`inputs.${shortened(name)} must be a list, as the others are, got ${kindOf(values)}.`, { field: name });
          }
          return [name, Array.isArray(values) ? values : [values]];
        }),
      ),
      form,
    );
  }
  throw new UserError(`${form} must be ${form === 'inputs' ? 'an object of columns or ' : ''}a list of rows, got ${kindOf(value)}.`, { field: form });
}

function idsOf(params: unknown, rows: number): string[] | null {
  if (params === undefined || params === null) {
    return null;
  }
  if (!isObject(params)) {
    throw new UserError(`params must be an object, got ${kindOf(params)}.`, { field: 'params' });
  }
  const { ids } = params;
  if (ids === undefined || ids === null) {
    return null;
  }
  if (!Array.isArray(ids) || ids.length !== rows) {
    throw new UserError(`params.ids must be a list with one id a row, ${rows}, got ${Array.isArray(ids) ? ids.length : kindOf(ids)}.`, { field: 'params.ids' });
  }
  return ids.map((id: unknown) => checkId(id, 'params.ids'));
}

/** An id of a request or a row. @throws UserError for one that is no short, printable text. */
export function checkId(id: unknown, field: string): string {
  const text = typeof id === 'number' ? String(id) : id;
  if (typeof text !== 'string' || text === '' || text.length > 200 || /\p{Cc}/u.test(text)) {
    throw new UserError(`${field}: an id is a text of at most 200 printable characters${typeof id === 'string' ? '' : `, got ${kindOf(id)}`}.`, { field });
  }
  return text;
}
