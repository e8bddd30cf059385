import type { JSX } from 'preact';
import type { ModelFacts, Preview } from '../../src/contracts/panels/preview.ts';
import { LinkButton } from '../components/controls.tsx';
import { count } from '../components/format.ts';
import { installStyles } from '../components/styles.ts';
import { PagePreview } from './PagePreview.tsx';

installStyles(`
.preview .bar { display: flex; justify-content: space-between; gap: 12px; margin-bottom: 8px; } .preview .bar strong { overflow-wrap: anywhere; }
.preview img { display: block; max-width: 100%; max-height: 520px; background: repeating-conic-gradient(#8883 0 25%, transparent 0 50%) 0 0 / 16px 16px; }
.preview .scroll { max-height: 520px; overflow: auto; } .preview thead th { position: sticky; top: 0; background: var(--vscode-editor-background); } .preview .cells td { white-space: nowrap; max-width: 360px; overflow: hidden; text-overflow: ellipsis; }
`);

/** What a file holds. @param preview undefined until it came. */
export function FilePreview({ name, preview, open }: { name: string; preview: Preview | undefined; open(): void }): JSX.Element {
  return (
    <div class="preview" aria-label={`Preview of ${name}`}>
      <div class="bar">
        <strong>{name}</strong>
        <LinkButton onClick={open}>Open whole file</LinkButton>
      </div>
      {preview === undefined ? (
        <p class="muted" role="status">
          Reading…
        </p>
      ) : (
        <Content key={name} name={name} preview={preview} />
      )}
    </div>
  );
}

function Content({ name, preview }: { name: string; preview: Preview }): JSX.Element {
  switch (preview.kind) {
    case 'image':
      return <img src={`data:${preview.mime};base64,${preview.data}`} alt={name} />;
    case 'table':
      return <Table table={preview.table} />;
    case 'text':
      return (
        <>
          <pre class="log" tabIndex={0}>
            {preview.text === '' ? 'The file is empty.' : preview.text}
          </pre>
          {preview.cut ? <p class="muted">Only the beginning is shown.</p> : null}
        </>
      );
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
