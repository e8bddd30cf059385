import type { JSX } from 'preact';
import type { Failure } from '../../src/contracts/errors.ts';
import type { Predictions } from '../../src/contracts/model.ts';
import type { FromModelPanel } from '../../src/contracts/panels/model.ts';
import { championAlias, type RegisteredModel, type RegisteredVersion, type VersionDetail } from '../../src/contracts/registry.ts';
import type { PanelProps } from '../bridge/start.tsx';
import { Button, LinkButton, Waiting } from '../components/controls.tsx';
import { count, metricName, moment, score } from '../components/format.ts';
import { Badge, Banner, Card, Header } from '../components/layout.tsx';
import { TryIt } from '../components/TryIt.tsx';

export interface ModelState {
  model: RegisteredModel | null;
  selected: VersionDetail | null;
  prediction: Predictions | null;
  wrong: Failure | null;
  failed: string | null;
}

/** What stands in the form's fields, by input name; untouched fields are not there. */
export interface View {
  fields: Record<string, string>;
}

export const initialView: View = { fields: {} };

type Props = PanelProps<ModelState, View, FromModelPanel>;

export function ModelView({ state, view, setView, post }: Props): JSX.Element {
  const { model, selected } = state;
  if (model === null || selected === null) {
    return (
      <main class="page">
        <Header title="Model" />
        {state.failed === null ? <Waiting>Opening the model…</Waiting> : <Banner kind="error">{state.failed}</Banner>}
      </main>
    );
  }
  const { file } = selected.version;
  return (
    <main class="page">
      <Header
        title={
          <>
            {model.name} <span class="muted">version {file.version}</span>
          </>
        }
        subtitle={`Predicts ${file.target}${file.description === '' ? '' : ` · ${file.description}`}`}
      >
        {selected.version.available ? (
          <>
            <Button primary onClick={() => post({ type: 'deploy', version: file.version })}>
              Deploy…
            </Button>
            <Button onClick={() => post({ type: 'score_file', version: file.version })}>Score a file…</Button>
          </>
        ) : null}
        {selected.version.aliases.includes(championAlias) ? null : <Button onClick={() => post({ type: 'promote', version: file.version })}>Promote to champion</Button>}
      </Header>
      {state.failed === null ? null : <Banner kind="error">{state.failed}</Banner>}
      {model.problems.map((problem) => (
        <Banner key={problem} kind="warning">
          {problem}
        </Banner>
      ))}
      <div class="columns">
        <div>
          {selected.signature === null ? (
            <Card title="Try it">
              <Banner kind="note">This version’s artifact is not on this machine, so it cannot predict here. Train it again, or copy the artifact from where it was registered.</Banner>
            </Card>
          ) : (
            <TryIt
              signature={selected.signature}
              fields={view.fields}
              setFields={(fields) => setView({ fields })}
              predict={(ticket, row) => post({ type: 'predict', ticket, version: file.version, row })}
              prediction={state.prediction}
              wrong={state.wrong}
            />
          )}
        </div>
        <div>
          <Versions model={model} selected={file.version} metrics={Object.keys(file.metrics).slice(0, 2)} post={post} />
          <Origin version={selected.version} post={post} />
        </div>
      </div>
    </main>
  );
}

function Versions({ model, selected, metrics, post }: { model: RegisteredModel; selected: number; metrics: string[]; post: Props['post'] }): JSX.Element {
  return (
    <Card title="Versions">
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>Version</th>
              {metrics.map((metric) => (
                <th key={metric} class="number">
                  {metricName(metric)}
                </th>
              ))}
              <th>Registered</th>
              <th>
                <span class="sr">Promote</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {model.versions.map(({ file, aliases, available }) => (
              <tr key={file.ulid} aria-current={file.version === selected}>
                <td>
                  {file.version === selected ? <strong>{file.version}</strong> : <LinkButton onClick={() => post({ type: 'select', version: file.version })}>{String(file.version)}</LinkButton>}{' '}
                  {aliases.map((alias) => (
                    <Badge key={alias} tone="accent">
                      {alias}
                    </Badge>
                  ))}
                  {available ? null : <Badge tone="warn">not here</Badge>}
                </td>
                {metrics.map((metric) => (
                  <td key={metric} class="number" title={String(file.metrics[metric] ?? '')}>
                    {score(file.metrics[metric])}
                  </td>
                ))}
                <td>{moment(Date.parse(file.created))}</td>
                <td>{aliases.includes(championAlias) ? null : <LinkButton onClick={() => post({ type: 'promote', version: file.version })}>Promote</LinkButton>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

function Origin({ version, post }: { version: RegisteredVersion; post: Props['post'] }): JSX.Element {
  const { file } = version;
  return (
    <Card title="Where it comes from">
      <dl class="pairs">
        <dt>Run</dt>
        <dd>
          <LinkButton onClick={() => post({ type: 'open_run', run_id: file.run_id })}>{file.run_id}</LinkButton>
        </dd>
        <dt>Data</dt>
        <dd>
          {file.data.path}, {count(file.data.rows)} rows, <span class="mono" title={file.data.sha256}>{file.data.sha256.slice(0, 12)}</span>
        </dd>
        <dt>Trainer</dt>
        <dd>{file.trainer}</dd>
        {file.git === null ? null : (
          <>
            <dt>Git</dt>
            <dd>
              <span class="mono">{file.git.commit.slice(0, 10)}</span>
              {file.git.dirty ? ', with uncommitted changes' : ''}
            </dd>
          </>
        )}
        {Object.entries(file.metrics).map(([metric, value]) => (
          <>
            <dt>{metricName(metric)}</dt>
            <dd title={String(value)}>{score(value)}</dd>
          </>
        ))}
        <dt>File</dt>
        <dd>
          <LinkButton onClick={() => post({ type: 'open_version_file', version: file.version })}>{file.ulid}.yaml</LinkButton>
        </dd>
      </dl>
    </Card>
  );
}
