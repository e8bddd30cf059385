import type { JSX } from 'preact';
import type { ModelFacts, Preview } from '../../src/contracts/panels/preview.ts';
import { LinkButton } from '../components/controls.tsx';
import { count } from '../components/format.ts';
import { installStyles } from '../components/styles.ts';
import { DocumentPreview } from './DocumentPreview.tsx';
import { ImageSteps } from './ImageSteps.tsx';
import { JsonPreview } from './JsonPreview.tsx';
import { PagePreview } from './PagePreview.tsx';
import { TextPreview } from './TextPreview.tsx';

installStyles(`
.preview .bar { display: flex; justify-content: space-between; gap: 12px; margin-bottom: 8px; } .preview .bar strong { overflow-wrap: anywhere; }
.preview video { display: block; max-width: 100%; max-height: 520px; } .preview img { display: block; max-width: 100%; max-height: 520px; background: repeating-conic-gradient(#8883 0 25%, transparent 0 50%) 0 0 / 16px 16px; }
.preview .scroll { max-height: 520px; overflow: auto; } .preview thead th { position: sticky; top: 0; background: var(--vscode-editor-background); } .preview .cells td { white-space: nowrap; max-width: 360px; overflow: hidden; text-overflow: ellipsis; }
`);

interface Props {
  name: string;
  /** Undefined until it came. */
  preview: Preview | undefined;
  /** The other pictures of its series. */
  series: { title: string; pictures: readonly { name: string; step: number }[]; choose(name: string): void } | null;
  open(): void;
  /** Reads a text from this byte on. */
  read(from: number): void;
}

/** What a file holds. */
export function FilePreview({ name, preview, series, open, read }: Props): JSX.Element {
  return (
    <div class="preview" aria-label={`Preview of ${name}`}>
      <div class="bar">
        <strong>{series?.title ?? name}</strong>
        <LinkButton onClick={open}>Open whole file</LinkButton>
      </div>
      {series !== null ? (
        <ImageSteps key={series.title} name={name.slice(name.lastIndexOf('/') + 1)} preview={preview} {...series} />
      ) : preview === undefined ? (
        <p class="muted" role="status">
          Reading…
        </p>
      ) : (
        <Content key={name} name={name} preview={preview} read={read} />
      )}
    </div>
  );
}

function Content({ name, preview, read }: { name: string; preview: Preview; read(from: number): void }): JSX.Element {
  switch (preview.kind) {
    case 'image':
      return <img src={`data:${preview.mime};base64,${preview.data}`} alt={name} />;
    case 'table':
      return <Table table={preview.table} />;
    case 'text':
      return <TextPreview preview={preview} read={read} />;
    case 'json':
      return <JsonPreview text={preview.text} />;
    case 'document':
      return <DocumentPreview name={name} html={preview.html} source={preview.source} />;
    case 'media': {
      const source = `data:${preview.mime};base64,${preview.data}`;
      return preview.mime.startsWith('audio/') ? <audio controls src={source} aria-label={name} /> : <video controls src={source} aria-label={name} />;
    }
    case 'html':
      return <PagePreview name={name} html={preview.html} />;
    case 'model':
      return <Model model={preview.model} />;
    case 'none':
      return <p class="muted">{preview.reason}</p>;
  }
}

function Table({ table }: { table: Extract<Preview, { kind: 'table' }>['table'] }): JSX.Element {
  const { columns, rows, total, width } = table;
  return (
    <>
      <div class="scroll cells" tabIndex={0} role="group" aria-label="Rows">
        <table>
          <thead>
            <tr>
              {columns.map(({ name, number }) => (
                <th class={number ? 'number' : ''}>{name}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr>
                {row.map((value, index) => (
                  <td class={columns[index]?.number ? 'number' : ''} title={value ?? ''}>
                    {value ?? <span class="muted">missing</span>}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="muted" style={{ marginTop: '8px' }}>
        {rows.length < total ? `The first ${count(rows.length)} of ${count(total)} rows` : `${count(total)} rows`}
        {columns.length < width ? `, the first ${columns.length} of ${count(width)} columns` : ''}.
      </p>
    </>
  );
}

type Fields = NonNullable<ModelFacts['signature']>['inputs'];

function Model({ model }: { model: ModelFacts }): JSX.Element {
  const { signature, flavors, facts } = model;
  return (
    <>
      <p class="muted">This is what the file MLmodel says. Nothing of the model was loaded: no pickle or other program in this folder is opened here.</p>
      {signature === null ? (
        <p>It was logged without a signature, so what it takes and gives is not known.</p>
      ) : (
        <>
          <Part title="Inputs" fields={signature.inputs} />
          <Part title="Outputs" fields={signature.outputs} />
          <Part title="Parameters" fields={signature.params} />
        </>
      )}
      <h3 style={{ marginTop: '12px' }}>Can be loaded as</h3>
      <p>{flavors.map(({ name, version }) => (version === null ? name : `${name} (${version})`)).join(', ')}</p>
      <dl class="pairs">
        {facts.map(({ name, value }) => (
          <>
            <dt>{name}</dt>
            <dd class="mono">{value}</dd>
          </>
        ))}
      </dl>
    </>
  );
}

function Part({ title, fields }: { title: string; fields: Fields }): JSX.Element | null {
  return fields.length === 0 ? null : (
    <>
      <h3 style={{ marginTop: '12px' }}>{title}</h3>
      <div class="scroll">
        <table>
          <tbody>
            {fields.map(({ name, type, required }) => (
              <tr key={name}>
                <td>{name}</td>
                <td class="mono">{type}</td>
                <td class="muted">{required ? '' : 'optional'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
