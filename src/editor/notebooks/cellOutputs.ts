// Reads what cells put out: text as it comes, pictures and errors when a cell has ended.
import * as vscode from 'vscode';
import type { LiveEntry } from '../../contracts/jobs.ts';
import { placeInCell, TextFollower, withoutColours } from '../../core/notebooks/api.ts';

const pictures: Record<string, string> = { 'image/png': 'png', 'image/jpeg': 'jpg', 'image/gif': 'gif', 'image/webp': 'webp', 'image/svg+xml': 'svg' };
const streams = new Set([vscode.NotebookCellOutputItem.stdout('').mime, vscode.NotebookCellOutputItem.stderr('').mime]);
const errorMime = vscode.NotebookCellOutputItem.error(new Error()).mime;
/** A larger picture is left in the notebook. In bytes. */
const largestPicture = 20_000_000;

export interface CellError {
  name: string;
  message: string;
  /** Of the cell, from 1. */
  line: number | null;
}

/** Follows one cell's outputs while it runs. */
export class CellReader {
  readonly #cell: vscode.NotebookCell;
  readonly #number: number;
  readonly #streams = new Map<number, TextFollower>();

  constructor(cell: vscode.NotebookCell, number: number) {
    this.#cell = cell;
    this.#number = number;
  }

  /** What it printed since the last time. */
  printed(): LiveEntry[] {
    return this.#cell.outputs.flatMap((output, index) => {
      const items = output.items.filter((item) => streams.has(item.mime));
      if (items.length === 0) {
        return [];
      }
      const follower = this.#streams.get(index) ?? new TextFollower();
      this.#streams.set(index, follower);
      const text = follower.take(items.map(textOf).join(''));
      return text === '' ? [] : [{ type: 'text', text } as const];
    });
  }

  /** What it showed otherwise, once it has ended: pictures as files, anything else as text. */
  shown(): LiveEntry[] {
    let count = 0;
    return this.#cell.outputs.flatMap((output): LiveEntry[] => {
      const picture = output.items.find((item) => item.mime in pictures);
      if (picture !== undefined && picture.data.byteLength <= largestPicture) {
        count += 1;
        const path = `pictures/cell-${this.#number}-${count}.${pictures[picture.mime]}`;
        return [{ type: 'file', path, base64: Buffer.from(picture.data).toString('base64') }, { type: 'text', text: `[${path}]\n` }];
      }
      const error = output.items.find((item) => item.mime === errorMime);
      const text = error === undefined ? output.items.find((item) => item.mime === 'text/plain') : undefined;
      if (error !== undefined) {
        return [{ type: 'text', text: `${withoutColours(errorOf(error).stack)}\n` }];
      }
      return text === undefined ? [] : [{ type: 'text', text: `${textOf(text)}\n` }];
    });
  }

  /** The error that it ended with, if one is shown. */
  error(): CellError | null {
    const item = this.#cell.outputs.flatMap((output) => output.items).findLast((each) => each.mime === errorMime);
    if (item === undefined) {
      return null;
    }
    const { name, message, stack } = errorOf(item);
    return { name, message, line: placeInCell(stack) };
  }
}

function textOf(item: vscode.NotebookCellOutputItem): string {
  return Buffer.from(item.data).toString('utf8');
}

function errorOf(item: vscode.NotebookCellOutputItem): { name: string; message: string; stack: string } {
  const { name, message, stack } = JSON.parse(textOf(item)) as Partial<Error>;
  return { name: name ?? 'Error', message: message ?? '', stack: stack ?? '' };
}
