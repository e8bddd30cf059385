// Reads parameters, metrics and progress out of what a training script prints. docs/experiments.md lists the forms.

export type Finding =
  | { type: 'metric'; key: string; value: number | null; step: number }
  | { type: 'param'; key: string; value: string }
  | { type: 'progress'; fraction: number; message: string };

const number = String.raw`[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?(?:nan|NaN|inf|Infinity)\b`;
const name = String.raw`[A-Za-z_][\w./@-]{0,98}\w|[A-Za-z_]`;

/** Words that make a name a metric wherever it stands. */
const metricWord =
  /(^|[_\W\d])(loss|logloss|accuracy|acc|auc|auroc|roc_auc|average_precision|precision|recall|f1|f1_score|score|rmse|mse|mae|mape|r2|error|err|perplexity|ppl|bleu|rouge|iou|map|ndcg|kappa|mcc|dice|brier)($|[_\W\d])/i;

/** Names that are figures about something else. */
const notMetric =
  /^(version|port|pid|line|lines|col|column|row|rows|id|seed|year|month|day|hour|date|time|elapsed|eta|took|took_s|duration|seconds|secs|minutes|rank|gpu|device|size|shape|count|total|warning|error|info|debug|note|http|https|exit|code|status|python|n|np|torch|file|level|random_state|v_num)$/i;

const stepNames = ['global_step', 'step', 'iteration', 'iter', 'epoch', 'round'] as const;
const isStepName = (key: string): boolean => (stepNames as readonly string[]).includes(key.toLowerCase());

/** `name: 0.9`, `name = 0.9`, with a library's `valid_0's auc: 0.9` and `train-auc:0.9` among them. */
const pair = new RegExp(String.raw`(?<![\w./\\:'-])(?:(${name})'s\s+)?(${name})\s*([:=])\s*(${number})(%?)(?![\w:/\\]|\.\w)`, 'g');
/** `loss 0.12`, for names that are metrics beyond doubt. */
const spaced = new RegExp(String.raw`(?<![\w./\\:'-])(${name})\s+(${number})(%?)(?![\w:/\\]|\.\w)`, 'g');
/** Behind an unknown name's figure only this may stand, else it is a sentence ("Rows: 3 were dropped"). */
const afterPair = new RegExp(String.raw`^\s*(?:$|[,;|()\[\]}{-]|(?:${name})(?:'s\s+(?:${name}))?\s*[:=])`);
/** "Epoch 3/10", "epoch [3/10]", "Epoch 3,", "step 100:". */
const counted = /(?<![\w-])(global_step|step|iteration|iter|epoch|round)s?\s*[:=#]?\s*[[(]?\s*(\d+)(?:\s*(?:\/|of)\s*(\d+))?(?![\w.]*\d)/gi;
/** LightGBM and XGBoost begin a line with the round in brackets. */
const bracketed = /^\s*\[(\d+)\]\s/;
/** "120/313 [====>…" (Keras), " 38%|███▊      | 3/8 [00:01<…" (tqdm), the latter behind a title too ("Epoch 0:  25%|…", Lightning): states of one bar. */
const bar = /^\s*(?:(?:.{0,80}?:\s*)?\d+%\|[^|]*\|\s*)?(\d+)\/(\d+)\s*(?:\[|\u001b|━)/;
/** "[LightGBM] [Info] Start training from score -1.1": what a library says about its own work. */
const libraryLine = /^\s*\[\w+\]\s*\[(?:Info|Warning|Debug)\]\s/;

const parameterLine = /^\s*(?:hyper)?param(?:eter)?s?\b\s*:?\s+(.+)$|^\s*(?:args|arguments|config)\s*:\s*(.+)$|^\s*(Namespace\(.+\))\s*$/i;
const parameterPair = new RegExp(String.raw`(?<![\w-])["']?(${name})["']?\s*[=:]\s*("[^"]*"|'[^']*'|[^\s,;(){}\[\]]+)`, 'g');

/** The name of a source file, with a line behind it: where a library's warning comes from. */
const sourceFile = /\.(?:cc|cpp|cu|c|hpp|h|py|pyx|rs|go|js|ts)$/i;
/** A frame of a Python traceback. The line below it is the code there, not something said. */
const frame = /^\s+File ".*", line \d+/;

/** Keeps what lines of one script's output have in common: the epoch that was announced, and a count for each metric. */
export class MetricLines {
  #announced: number | null = null;
  readonly #counts = new Map<string, number>();
  /** What was said of each metric last: a finished bar is drawn several times. */
  readonly #last = new Map<string, { step: number; value: number }>();
  #quoted = false;

  /** What this line says, without its line break. */
  read(line: string): Finding[] {
    const quoted = this.#quoted;
    this.#quoted = frame.test(line);
    if (quoted || line.trim() === '' || line.length > 10_000 || libraryLine.test(line)) {
      return [];
    }
    const parameters = parameterLine.exec(line);
    if (parameters) {
      return parametersIn((parameters[1] ?? parameters[2] ?? parameters[3] ?? '').replace(/^Namespace\(/, ''));
    }
    const json = objectIn(line);
    if (json !== null) {
      return this.#ofObject(json);
    }
    const progress = bar.exec(line);
    if (progress && progress[1] !== progress[2]) {
      return [];
    }
    return this.#ofText(line);
  }

  #ofObject(object: Record<string, unknown>): Finding[] {
    const numbers = Object.entries(object).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
    const steps = new Map(numbers.filter(([key]) => isStepName(key)).map(([key, value]) => [key.toLowerCase(), value]));
    return this.#metrics(
      numbers.filter(([key]) => !isStepName(key) && !notMetric.test(key)),
      steps,
    );
  }

  #ofText(line: string): Finding[] {
    const steps = new Map<string, number>();
    const findings: Finding[] = [];
    const round = bracketed.exec(line);
    if (round) {
      steps.set('round', Number(round[1]));
    }
    for (const [, key = '', step, total] of line.matchAll(counted)) {
      steps.set(key.toLowerCase(), Number(step));
      if (total !== undefined && Number(total) > 0 && key.toLowerCase() === 'epoch') {
        findings.push({ type: 'progress', fraction: Math.min(1, Math.max(0, Number(step) - 1) / Number(total)), message: `epoch ${step} of ${total}` });
      }
    }
    const values = new Map<string, number>();
    for (const match of line.matchAll(pair)) {
      const [whole, owner, found = '', , value = '', percent] = match;
      const words = owner === undefined ? wordsBefore(line.slice(0, match.index), found) : `${owner}-${found}`;
      if (isStepName(found) || sourceFile.test(found)) {
        continue;
      }
      if (metricWord.test(words) || (!notMetric.test(words) && afterPair.test(line.slice(match.index + whole.length)) && startsPair(line, match.index))) {
        values.set(words, toNumber(value, percent));
      }
    }
    for (const [, found = '', value = '', percent] of line.matchAll(spaced)) {
      if (metricWord.test(found) && !isStepName(found) && !values.has(found)) {
        values.set(found, toNumber(value, percent));
      }
    }
    if (values.size === 0 && steps.size > 0) {
      this.#announced = steps.get('epoch') ?? this.#announced;
    }
    return [...findings, ...this.#metrics([...values], steps)];
  }

  #metrics(values: [string, number][], steps: Map<string, number>): Finding[] {
    const step = stepOf(steps);
    return values.filter(([key, value]) => !this.#repeats(key, value, step)).map(([key, value]) => {
      const count = this.#counts.get(key) ?? 0;
      this.#counts.set(key, count + 1);
      return { type: 'metric', key, value: Number.isFinite(value) ? value : null, step: step ?? (steps.size > 1 ? count : (this.#announced ?? count)) };
    });
  }

  #repeats(key: string, value: number, step: number | null): boolean {
    const last = this.#last.get(key);
    if (step === null) {
      return false;
    }
    this.#last.set(key, { step, value });
    return last?.step === step && Object.is(last.value, value);
  }
}

/** The one count that a line gives; null where it gives none, or two of which neither alone grows. */
function stepOf(steps: Map<string, number>): number | null {
  const global = steps.get('global_step');
  const value = global ?? (steps.size === 1 ? [...steps.values()][0] : undefined);
  return value === undefined ? null : Math.trunc(value);
}

/** "Test accuracy: 0.9" is `Test_accuracy`: up to two plain words before a metric's name belong to it. */
function wordsBefore(before: string, found: string): string {
  if (!metricWord.test(found)) {
    return found;
  }
  const words = /(?:^|[,;|\t]\s*|\s-\s)([A-Za-z]+(?: [A-Za-z]+)?) $/.exec(before);
  return words === null || /^(the|final|a|an|best|is|has|with|and|info|debug|got)$/i.test(words[1] ?? '') ? found : `${(words[1] ?? '').replaceAll(' ', '_')}_${found}`;
}

/** Whether the name at `index` begins its part of the line, or follows another pair. */
function startsPair(line: string, index: number): boolean {
  return /(?:^|[,;|({[\t\]]|\s-|\d%?)\s*$/.test(line.slice(0, index));
}

function toNumber(text: string, percent: string | undefined): number {
  const value = /nan/i.test(text) ? Number.NaN : /inf/i.test(text) ? Number.POSITIVE_INFINITY : Number(text);
  return percent === '%' ? value / 100 : value;
}

/** The object of a line that is JSON, or a Python dictionary of plain values; null for any other line. */
function objectIn(line: string): Record<string, unknown> | null {
  const text = line.trim();
  if (!text.startsWith('{') || !text.endsWith('}')) {
    return null;
  }
  for (const form of [text, text.replaceAll("'", '"').replace(/\b(?:None|nan|NaN|-?Infinity)\b/g, 'null').replace(/\bTrue\b/g, 'true').replace(/\bFalse\b/g, 'false')]) {
    try {
      const value: unknown = JSON.parse(form);
      return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
    } catch {
      // The next form may fit.
    }
  }
  return null;
}

function parametersIn(text: string): Finding[] {
  const object = objectIn(text);
  if (object !== null) {
    return Object.entries(object).map(([key, value]) => ({ type: 'param', key, value: typeof value === 'string' ? value : JSON.stringify(value) }));
  }
  return [...text.matchAll(parameterPair)].map(([, key = '', value = '']) => ({ type: 'param', key, value: value.replace(/^(["'])(.*)\1$/, '$2') }));
}

/** Parameters on a command line: `--lr 0.1`, `--epochs=3`, `--fast` (true), and single letters as `-n 5`. */
export function parametersOfArguments(given: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (let index = 0; index < given.length; index += 1) {
    const option = /^--?([A-Za-z][\w.-]*)(?:=(.*))?$/s.exec(given[index] ?? '');
    if (option === null) {
      continue;
    }
    const [, key = '', inline] = option;
    const next = given[index + 1];
    const separate = inline === undefined && next !== undefined && !/^--?[A-Za-z]/.test(next);
    found[key] = inline ?? (separate ? next : 'true');
    index += separate ? 1 : 0;
  }
  return found;
}
