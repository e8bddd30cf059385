import type { ComponentChildren, JSX } from 'preact';
import type { Failure } from '../../src/contracts/errors.ts';
import type { Predictions, Signature } from '../../src/contracts/model.ts';
import type { FromModelPanel } from '../../src/contracts/panels/model.ts';
import { championAlias, type CandidateDetail, type RegisteredModel, type RegistryMove, type VersionDetail } from '../../src/contracts/registry.ts';
import type { PanelProps } from '../bridge/start.tsx';
import { Button, Waiting } from '../components/controls.tsx';
import { Badge, Banner, Card, Header } from '../components/layout.tsx';
import { TryIt } from '../components/TryIt.tsx';
import { Foreign } from './Foreign.tsx';
import { History } from './History.tsx';
import { CandidateOrigin, VersionOrigin } from './Origin.tsx';
import { Versions } from './Versions.tsx';

export interface ModelState {
  model: RegisteredModel | null;
  /** One of these two. */
  selected: VersionDetail | null;
  candidate: CandidateDetail | null;
  moves: RegistryMove[];
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
export type Post = Props['post'];

export function ModelView(props: Props): JSX.Element {
  const { state } = props;
  if (state.model !== null && state.selected !== null) {
    return <Version {...props} model={state.model} selected={state.selected} />;
  }
  if (state.model !== null && state.candidate !== null) {
    return <Candidate {...props} model={state.model} detail={state.candidate} />;
  }
  return (
    <main class="page">
      <Header title="Model" />
      {state.failed === null ? <Waiting>Opening the model…</Waiting> : <Banner kind="error">{state.failed}</Banner>}
    </main>
  );
}

function Version(props: Props & { model: RegisteredModel; selected: VersionDetail }): JSX.Element {
  const { model, selected, post } = props;
  const { file, available, aliases } = selected.version;
  return (
    <main class="page">
      <Header title={<Title model={model.name} version={file.version} />} subtitle={[file.target === undefined ? `A model that a program registered (${file.trainer})` : `Predicts ${file.target}`, file.description].filter(Boolean).join(' · ')}>
        {available && file.format === undefined ? (
          <>
            <Button primary onClick={() => post({ type: 'deploy', version: file.version })}>
              Deploy…
            </Button>
            <Button onClick={() => post({ type: 'score_file', version: file.version })}>Score a file…</Button>
          </>
        ) : null}
        {aliases.includes(championAlias) ? null : <Button onClick={() => post({ type: 'promote', version: file.version })}>Promote to champion</Button>}
      </Header>
      <Problems {...props} />
      <div class="columns">
        <div>
          {selected.signature !== null ? (
            <Form {...props} version={file.version} signature={selected.signature} />
          ) : selected.foreign !== null ? (
            <Foreign model={selected.foreign} reference={`${model.name}/${file.version}`} />
          ) : (
            <Card title="Try it">
              <Banner kind="note">This version’s artifact is not on this machine, so it cannot predict here. Train it again, or copy the artifact from where it was registered.</Banner>
            </Card>
          )}
        </div>
        <Facts {...props} selectedVersion={file.version} metrics={Object.keys(file.metrics).slice(0, 2)}>
          <VersionOrigin version={selected.version} post={post} />
        </Facts>
      </div>
    </main>
  );
}

function Candidate(props: Props & { model: RegisteredModel; detail: CandidateDetail }): JSX.Element {
  const { model, detail, post } = props;
  const { version, aliases, description } = detail.candidate;
  const claimed = aliases.filter((alias) => model.aliases[alias] !== undefined);
  return (
    <main class="page">
      <Header
        title={
          <>
            <Title model={model.name} version={version} /> <Badge tone="warn">candidate</Badge>
          </>
        }
        subtitle={['A program registered it', description].filter(Boolean).join(' · ')}
      >
        {detail.problem === null ? (
          <>
            <Button primary onClick={() => post({ type: 'accept', version })}>
              Make a version of it
            </Button>
            <Button onClick={() => post({ type: 'promote', version })}>Promote to champion</Button>
          </>
        ) : null}
      </Header>
      <Problems {...props} />
      {detail.problem === null ? null : <Banner kind="warning">It cannot become a version. {detail.problem}</Banner>}
      {claimed.map((alias) => (
        <Banner key={alias} kind="note">
          A program moved {alias} here. In this project {alias} stays version {model.aliases[alias]} until you make a version of this candidate.
        </Banner>
      ))}
      <Banner kind="note">It is in no file of this project yet, and its files may go with its run. A version keeps them.</Banner>
      <div class="columns">
        <div>
          {detail.signature !== null ? <Form {...props} version={version} signature={detail.signature} /> : null}
          {detail.foreign !== null ? <Foreign model={detail.foreign} reference={`${model.name}/${version}`} /> : null}
          {detail.signature === null && detail.foreign === null && detail.problem === null ? (
            <Card title="What it is">
              <p>Another name for a version of this project. It can be tried under that name.</p>
            </Card>
          ) : null}
        </div>
        <Facts {...props} selectedVersion={version} metrics={Object.keys(model.versions[0]?.file.metrics ?? {}).slice(0, 2)}>
          <CandidateOrigin candidate={detail.candidate} post={post} />
        </Facts>
      </div>
    </main>
  );
}

function Title({ model, version }: { model: string; version: number }): JSX.Element {
  return (
    <>
      {model} <span class="muted">version {version}</span>
    </>
  );
}

function Problems({ state, model }: Props & { model: RegisteredModel }): JSX.Element {
  return (
    <>
      {state.failed === null ? null : <Banner kind="error">{state.failed}</Banner>}
      {model.problems.map((problem) => (
        <Banner key={problem} kind="warning">
          {problem}
        </Banner>
      ))}
    </>
  );
}

function Form({ state, view, setView, post, version, signature }: Props & { version: number; signature: Signature }): JSX.Element {
  return (
    <TryIt
      signature={signature}
      fields={view.fields}
      setFields={(fields) => setView({ fields })}
      predict={(ticket, row) => post({ type: 'predict', ticket, version, row })}
      prediction={state.prediction}
      wrong={state.wrong}
    />
  );
}

function Facts({ state, model, selectedVersion, metrics, post, children }: Props & { model: RegisteredModel; selectedVersion: number; metrics: string[]; children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <Versions model={model} selected={selectedVersion} metrics={metrics} post={post} />
      {children}
      <History moves={state.moves} />
    </div>
  );
}
