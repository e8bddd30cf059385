import type { RecipeColumn, RecipeState } from '../../contracts/model.ts';
import type { InputColumns } from './inputColumns.ts';
import type { Matrix } from './network.ts';

const day = 86_400_000;

/** How many numbers a recipe column gives. */
export function recipeWidth(column: RecipeColumn): number {
  switch (column.kind) {
    case 'number':
      return column.indicator ? 2 : 1;
    case 'category':
      return column.levels.length + 1 + (column.missing ? 1 : 0);
    case 'date':
      return 7 + 12 + 1;
  }
}

/** Turns inputs into numbers. @param rows which rows, by index; all of `count` where it is left out. */
export function applyRecipe(state: RecipeState, inputs: InputColumns, count: number, rows?: Int32Array): Matrix {
  const length = rows?.length ?? count;
  const values = new Float32Array(length * state.width);
  let offset = 0;
  for (const column of state.columns) {
    const source = inputs.get(column.input);
    if (source === undefined) {
      throw new Error(`The input ${column.input} is not there.`);
    }
    const write = writerOf(column, source);
    for (let index = 0; index < length; index += 1) {
      write(rows === undefined ? index : rows[index]!, values, index * state.width + offset);
    }
    offset += recipeWidth(column);
  }
  return { rows: length, width: state.width, values };
}

type Writer = (row: number, values: Float32Array, at: number) => void;

function writerOf(column: RecipeColumn, source: Float64Array | readonly (string | null)[]): Writer {
  switch (column.kind) {
    case 'number': {
      const { impute, mean, scale, indicator } = column;
      return (row, values, at) => {
        const value = source[row] as number;
        const missing = Number.isNaN(value);
        values[at] = ((missing ? impute : value) - mean) / scale;
        if (indicator) {
          values[at + 1] = missing ? 1 : 0;
        }
      };
    }
    case 'category': {
      const { levels, missing } = column;
      const places = new Map(levels.map((level, index) => [level, index]));
      return (row, values, at) => {
        const value = source[row] as string | null;
        const place = value === null ? (missing ? levels.length + 1 : levels.length) : (places.get(value) ?? levels.length);
        values[at + place] = 1;
      };
    }
    case 'date': {
      const origin = Date.parse(column.origin);
      return (row, values, at) => {
        const value = source[row] as number;
        if (!Number.isNaN(value)) {
          const date = new Date(value);
          values[at + ((date.getUTCDay() + 6) % 7)] = 1;
          values[at + 7 + date.getUTCMonth()] = 1;
          values[at + 19] = (value - origin) / day / column.scale;
        }
      };
    }
  }
}
