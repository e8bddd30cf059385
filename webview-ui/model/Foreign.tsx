import type { JSX } from 'preact';
import type { ForeignColumn, ForeignModel } from '../../src/contracts/registry.ts';
import { bytes } from '../components/format.ts';
import { Card } from '../components/layout.tsx';
import { installStyles } from '../components/styles.ts';

installStyles(`
.card > dl.pairs + p, .card > dl.pairs + h3 { margin-top: 12px; }
`);

/** A model that another program made, as its files tell. @param reference `name/version`. */
export function Foreign({ model, reference }: { model: ForeignModel; reference: string }): JSX.Element {
  return (
    <>
      <Card title="What it is">
        {model.format === 'mlflow' ? (
          <dl class="pairs">
            <dt>Flavours</dt>
            <dd>{model.flavors.join(', ') || 'none'}</dd>
            {model.mlflow_version === null ? null : (
              <>
                <dt>MLflow</dt>
                <dd>{model.mlflow_version}</dd>
              </>
            )}
          </dl>
        ) : (
          <p>Files without an MLmodel file, so what reads and predicts is not known.</p>
        )}
        <p class="muted">It runs in the program that made it, not here: opening such files can run what they hold. In Python:</p>
        <code>mlflow.pyfunc.load_model("models:/{reference}")</code>
      </Card>
      {model.inputs === null && model.outputs === null ? (
        model.format === 'mlflow' ? (
          <Card title="Signature">
            <p class="muted">It was logged without one.</p>
          </Card>
        ) : null
      ) : (
        <Card title="Signature">
          <Columns title="Reads" columns={model.inputs} />
          <Columns title="Gives" columns={model.outputs} />
        </Card>
      )}
      <Card title={`Files (${model.files.length})`}>
        <div class="scroll">
          <table>
            <tbody>
              {model.files.slice(0, 200).map((file) => (
                <tr key={file.path}>
                  <td class="mono">{file.path}</td>
                  <td class="number" title={`${file.bytes} bytes`}>
                    {bytes(file.bytes)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Card>
    </>
  );
}

function Columns({ title, columns }: { title: string; columns: readonly ForeignColumn[] | null }): JSX.Element | null {
  return columns === null ? null : (
    <>
      <h3>{title}</h3>
      <dl class="pairs">
        {columns.map(({ name, type, required }) => (
          <>
            <dt>{name}</dt>
            <dd>
              {type}
              {required ? '' : ', optional'}
            </dd>
          </>
        ))}
      </dl>
    </>
  );
}
