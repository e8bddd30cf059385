import * as vscode from 'vscode';
import type { KernelOutput, MimeBundle } from '../../contracts/kernels.ts';

const { NotebookCellOutput, NotebookCellOutputItem } = vscode;

/** Puts what a kernel says under a cell, in its order. */
export class OutputWriter {
  readonly #execution: vscode.NotebookCellExecution;
  #edits: Promise<void> = Promise.resolve();
  #last: { name: string; output: vscode.NotebookCellOutput } | null = null;
  /** The next output takes the place of all before it. */
  #clearing = false;
  readonly #displays = new Map<string, vscode.NotebookCellOutput>();

  constructor(execution: vscode.NotebookCellExecution) {
    this.#execution = execution;
  }

  write(said: KernelOutput): void {
    if (said.kind === 'clear_output') {
      this.#clearing = true;
      if (said.content.wait !== true) {
        this.#clear();
      }
      return;
    }
    if (this.#clearing) {
      this.#clear();
    }
    switch (said.kind) {
      case 'stream':
        return this.#stream(said.content.name, said.content.text);
      case 'error': {
        const { ename, evalue, traceback } = said.content;
        return this.#append(new NotebookCellOutput([NotebookCellOutputItem.error({ name: ename, message: evalue, stack: traceback.join('\n') })], { outputType: 'error' }));
      }
      case 'update_display_data': {
        const shown = this.#displays.get(said.content.transient?.display_id ?? '');
        if (shown !== undefined) {
          this.#edit(() => this.#execution.replaceOutputItems(itemsOf(said.content.data), shown));
        }
        return;
      }
      case 'display_data':
      case 'execute_result': {
        const output = new NotebookCellOutput(itemsOf(said.content.data), { outputType: said.kind });
        const name = said.content.transient?.display_id;
        if (name !== undefined) {
          this.#displays.set(name, output);
        }
        return this.#append(output);
      }
    }
  }

  /** Resolves when everything stands under the cell. */
  written(): Promise<void> {
    return this.#edits;
  }

  #stream(name: 'stdout' | 'stderr', text: string): void {
    const item = name === 'stdout' ? NotebookCellOutputItem.stdout(text) : NotebookCellOutputItem.stderr(text);
    const last = this.#last;
    if (last?.name === name) {
      this.#edit(() => this.#execution.appendOutputItems(item, last.output));
      return;
    }
    const output = new NotebookCellOutput([item], { outputType: 'stream' });
    this.#append(output);
    this.#last = { name, output };
  }

  #append(output: vscode.NotebookCellOutput): void {
    this.#last = null;
    this.#edit(() => this.#execution.appendOutput(output));
  }

  #clear(): void {
    this.#clearing = false;
    this.#last = null;
    this.#edit(() => this.#execution.clearOutput());
  }

  #edit(change: () => Thenable<void>): void {
    this.#edits = this.#edits.then(change).catch(() => undefined);
  }
}

/** Text, base64 and JSON as the editor's renderers take them. */
function itemsOf(data: MimeBundle): vscode.NotebookCellOutputItem[] {
  return Object.entries(data).map(([mime, content]) => {
    const text = Array.isArray(content) ? content.join('') : content;
    if (typeof text !== 'string') {
      return NotebookCellOutputItem.json(text, mime);
    }
    return /^(image\/(?!svg)|application\/pdf)/.test(mime) ? new NotebookCellOutputItem(Buffer.from(text, 'base64'), mime) : NotebookCellOutputItem.text(text, mime);
  });
}
