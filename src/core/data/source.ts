// Opens a file as the table `source` of a DuckDB session, and tells honestly what could not be taken over.
import path from 'node:path';
import { UserError } from '../../contracts/errors.ts';
import { columnTypeOf, type SourceColumn } from './columnTypes.ts';
import { restoreTypes, type MissingWords } from './cellWords.ts';
import { firstLines, headerNames } from './head.ts';
import { inspectFile } from './inspect.ts';
import { plainText, readablePath, type Encoding } from './plainText.ts';
import { Session, type Progress } from './session.ts';
import { identifier, literal } from './sql.ts';

const wrongEncoding = /unicode|utf-?8|not.*encoded/i;

export interface Dropped {
  rows: number;
  /** Line of the first one in the file, from 1. */
  line: number;
  reason: string;
}

export interface Source {
  session: Session;
  columns: SourceColumn[];
  rows: number;
  bytes: number;
  /** Lines that are no rows of the table; null where there are none. */
  dropped: Dropped | null;
  /** Names that stand twice in the header. */
  duplicateNames: string[];
  /** False where the first line is data already. */
  hasHeader: boolean;
  /** Where the text is not UTF-8. */
  encoding: Encoding;
  decimalComma: boolean;
  /** Columns of numbers in which words such as NA were taken as missing. */
  missingWords: MissingWords[];
  close(): Promise<void>;
}

export interface SourceOptions {
  signal?: AbortSignal | undefined;
  onProgress?: Progress;
  /** Leave the cells of text formats as the text that they are. */
  asText?: boolean;
  /** More files that the session may write. */
  writable?: readonly string[];
}

/**
 * Opens a CSV, TSV, Parquet or JSON-lines file (text formats also gzipped).
 *
 * @throws UserError where it is missing, empty, binary, damaged or no table.
 */
export async function openSource(file: string, options: SourceOptions = {}): Promise<Source> {
  const inspection = await inspectFile(file);
  try {
    return await load(file, inspection.encoding, inspection, options);
  } catch (error) {
    if (inspection.format === 'csv' && inspection.encoding === 'utf-8' && wrongEncoding.test(messageOf(error)) && !(error instanceof UserError)) {
      return load(file, 'windows-1252', inspection, options);
    }
    throw error;
  }
}

async function load(file: string, encoding: Encoding, inspection: Awaited<ReturnType<typeof inspectFile>>, options: SourceOptions): Promise<Source> {
  const { format, gzip, bytes } = inspection;
  const plain = format === 'parquet' ? await readablePath(file) : await plainText(file, { gzip, encoding, signal: options.signal });
  let session: Session | undefined;
  const close = async (): Promise<void> => {
    await session?.close();
    await plain.dispose();
  };
  try {
    session = await Session.open({ files: [plain.file, ...(options.writable ?? [])], signal: options.signal });
    const facts = format === 'csv' ? await loadCsv(session, plain.file, file, { ...options, encoding }) : await loadOther(session, plain.file, file, format, options);
    const described = await session.rows('SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = \'source\' ORDER BY column_index');
    const columns = described.map(([name, sqlType]) => ({ name: String(name), sqlType: String(sqlType), type: columnTypeOf(String(sqlType)) }));
    const [rows] = await session.row('SELECT count(*)::DOUBLE FROM source');
    return { session, columns, rows: Number(rows), bytes, encoding, ...facts, close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Loading extends SourceOptions {
  encoding: Encoding;
}

type Facts = Pick<Source, 'dropped' | 'duplicateNames' | 'hasHeader' | 'decimalComma' | 'missingWords'>;

async function loadOther(session: Session, plain: string, file: string, format: 'parquet' | 'json', options: SourceOptions): Promise<Facts> {
  const sql = format === 'parquet' ? `CREATE VIEW source AS SELECT * FROM read_parquet(${literal(plain)})` : `CREATE TABLE source AS SELECT * FROM read_json_auto(${literal(plain)})`;
  try {
    await session.run(sql, options.onProgress);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (format === 'parquet' && /magic bytes|footer/i.test(messageOf(error))) {
      throw new UserError(`${path.basename(file)} is damaged: it ends too early for a Parquet file. Fetch or write it again.`, { file }, { cause: error });
    }
    const line = /line "?(\d+)"?/i.exec(messageOf(error))?.[1];
    throw new UserError(`${path.basename(file)} cannot be read as ${format === 'parquet' ? 'Parquet' : 'JSON lines'}: ${firstSentence(error)}`, { file, ...(line ? { line: Number(line) } : {}) }, { cause: error });
  }
  return { dropped: null, duplicateNames: [], hasHeader: true, decimalComma: false, missingWords: [] };
}

async function loadCsv(session: Session, plain: string, file: string, options: Loading): Promise<Facts> {
  const lines = await firstLines(plain, 2);
  const form = await sniff(session, plain, lines, options);
  // What DuckDB takes for true or false may be Yes and No: those are read as they stand, and looked at afterwards.
  const texts = new Set(form.booleans);
  const attempt = (extra: Record<string, string>): Promise<Dropped | null> => {
    const types = [...texts].map((name) => `${literal(name)}: 'VARCHAR'`).join(', ');
    return read(session, plain, { ...form.options, ...(texts.size === 0 ? {} : { types: `{${types}}` }), ...extra }, options);
  };
  let dropped = await guarded(file, options, () => attempt({}));
  // A value that does not fit the type seen in the sample must not cost its row: the column becomes text.
  const cast = await session.rows("SELECT DISTINCT column_name FROM rejected WHERE error_type = 'CAST'");
  if (cast.length > 0) {
    cast.forEach(([name]) => texts.add(String(name)));
    dropped = await guarded(file, options, () => attempt({}));
  }
  const decimalComma = !options.asText && form.delimiter === ';' && (await hasDecimalCommas(session));
  if (decimalComma) {
    dropped = await guarded(file, options, () => attempt({ decimal_separator: "','" }));
  }
  const [kept] = await session.row('SELECT count(*)::DOUBLE FROM source');
  if (dropped !== null && dropped.rows > Number(kept)) {
    throw new UserError(
      `${path.basename(file)} is no table: ${dropped.rows.toLocaleString('en')} of its lines do not have the ${form.columns} columns of the first line (line ${dropped.line}: ${dropped.reason}). Check that it is a CSV file.`,
      { file, line: dropped.line },
    );
  }
  const missingWords = options.asText ? [] : await restoreTypes(session, form.booleans);
  const names = form.hasHeader ? headerNames(lines[0] ?? '', form.delimiter) : [];
  return { dropped, duplicateNames: [...new Set(names.filter((name, index) => name !== '' && names.indexOf(name) !== index))], hasHeader: form.hasHeader, decimalComma, missingWords };
}

interface Form {
  options: Record<string, string>;
  delimiter: string;
  columns: number;
  hasHeader: boolean;
  /** Columns that DuckDB would read as BOOLEAN. */
  booleans: string[];
}

/** How the file is written: DuckDB's guess, but for what it guesses wrong without a word. */
async function sniff(session: Session, plain: string, lines: string[], options: SourceOptions): Promise<Form> {
  const text = options.asText ? { all_varchar: 'true' } : {};
  const likely = likelyDelimiter(lines[0] ?? '');
  if (lines.length === 1) {
    const delimiter = likely ?? ',';
    return { options: { delim: literal(delimiter), header: 'true', auto_detect: 'false', quote: `'"'`, columns: `{${headerStruct(lines[0] ?? '', delimiter)}}` }, delimiter, columns: 1, hasHeader: true, booleans: [] };
  }
  const guess = await session
    .row(`SELECT Delimiter, HasHeader, len(Columns)::DOUBLE, to_json([c.name FOR c IN Columns IF c.type = 'BOOLEAN'])::VARCHAR FROM sniff_csv(${literal(plain)}, ignore_errors=true)`)
    .catch((error: unknown) => {
      options.signal?.throwIfAborted();
      if (wrongEncoding.test(messageOf(error))) {
        throw error;
      }
      return null;
    });
  const [delimiter, header, count, truths] = guess ?? [null, null, null, null];
  // Ragged lines make it fall back to one column, silently; the header line then shows the real form.
  if (guess === null || (Number(count) === 1 && likely !== null)) {
    const chosen = likely ?? ',';
    return { options: { ...text, delim: literal(chosen), header: 'true' }, delimiter: chosen, columns: headerNames(lines[0] ?? '', chosen).length, hasHeader: true, booleans: [] };
  }
  const names = headerNames(lines[0] ?? '', String(delimiter));
  // Where all columns are text nothing tells a header from a row; a first line of unique names is taken for one.
  const unique = names.length === Number(count) && names.every((name) => name !== '' && !/^[-+.\d]+$/.test(name)) && new Set(names).size === names.length;
  const hasHeader = header === true || (unique && !names.some((name) => /^\d/.test(name)));
  return { options: { ...text, delim: literal(String(delimiter)), header: String(hasHeader) }, delimiter: String(delimiter), columns: Number(count), hasHeader, booleans: options.asText || hasHeader !== (header === true) ? [] : (JSON.parse(String(truths)) as string[]) };
}

function likelyDelimiter(line: string): string | null {
  const counts = [',', ';', '\t', '|'].map((delimiter) => ({ delimiter, count: line.split(delimiter).length - 1 }));
  const best = counts.sort((a, b) => b.count - a.count)[0];
  return best !== undefined && best.count > 0 ? best.delimiter : null;
}

function headerStruct(line: string, delimiter: string): string {
  const seen = new Map<string, number>();
  return headerNames(line, delimiter)
    .map((name, index) => {
      const base = name === '' ? `column${index}` : name;
      const count = seen.get(base) ?? 0;
      seen.set(base, count + 1);
      return `${literal(count === 0 ? base : `${base}_${count}`)}: 'VARCHAR'`;
    })
    .join(', ');
}

async function read(session: Session, plain: string, form: Record<string, string>, options: Loading): Promise<Dropped | null> {
  const settings = { ...form, store_rejects: 'true', rejects_table: "'rejected'", rejects_scan: "'rejected_scan'", rejects_limit: '0' };
  await session.run('DROP TABLE IF EXISTS source; DROP TABLE IF EXISTS rejected; DROP TABLE IF EXISTS rejected_scan');
  await session.run(
    `CREATE TABLE source AS SELECT * FROM read_csv(${literal(plain)}, ${Object.entries(settings).map(([key, value]) => `${key}=${value}`).join(', ')})`,
    options.onProgress,
  );
  const [rows, line] = await session.row("SELECT count(DISTINCT line)::DOUBLE, min(line)::DOUBLE FROM rejected WHERE error_type <> 'CAST'");
  if (Number(rows) === 0) {
    return null;
  }
  const [encoding] = await session.row("SELECT count(*)::DOUBLE FROM rejected WHERE error_type = 'INVALID ENCODING'");
  if (Number(encoding) > 0 && options.encoding === 'utf-8') {
    throw new Error('The file is not UTF-8 encoded.');
  }
  const [kind] = await session.row(`SELECT error_type::VARCHAR FROM rejected WHERE line = ${Number(line)} LIMIT 1`);
  return { rows: Number(rows), line: Number(line), reason: reasons[String(kind)] ?? String(kind).toLowerCase() };
}

const reasons: Record<string, string> = {
  'MISSING COLUMNS': 'too few values',
  'TOO MANY COLUMNS': 'too many values',
  'UNQUOTED VALUE': 'a quote that is not closed',
  'LINE SIZE OVER MAXIMUM': 'a line that is too long',
  'INVALID ENCODING': 'characters that are not UTF-8',
  'INVALID STATE': 'quotes within a value',
};

async function hasDecimalCommas(session: Session): Promise<boolean> {
  const columns = await session.rows("SELECT column_name FROM duckdb_columns() WHERE table_name = 'source' AND data_type = 'VARCHAR'");
  for (const [name] of columns) {
    const column = identifier(String(name));
    const [values, commas] = await session.row(`SELECT count(${column})::DOUBLE, count(*) FILTER (regexp_full_match(trim(${column}), '[-+]?\\d+,\\d+|[-+]?\\d+'))::DOUBLE FROM source`);
    const [some] = await session.row(`SELECT count(*) FILTER (contains(${column}, ','))::DOUBLE FROM source`);
    if (Number(values) > 0 && values === commas && Number(some) > 0) {
      return true;
    }
  }
  return false;
}

async function guarded<T>(file: string, options: SourceOptions, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    options.signal?.throwIfAborted();
    const message = messageOf(error);
    if (wrongEncoding.test(message)) {
      throw error;
    }
    if (/CSV|sniff|delimiter|quote/i.test(message)) {
      const line = /Line: (\d+)/i.exec(message)?.[1];
      throw new UserError(`${path.basename(file)} cannot be read as CSV${line ? ` (line ${line})` : ''}: ${firstSentence(error)}`, { file, ...(line ? { line: Number(line) } : {}) }, { cause: error });
    }
    throw error;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function firstSentence(error: unknown): string {
  const line = messageOf(error).split('\n')[0]?.replace(/^[\w ]+ Error: /, '').trim() ?? '';
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
