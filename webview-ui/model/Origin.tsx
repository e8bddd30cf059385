import type { JSX } from 'preact';
import type { ProgramCandidate, RegisteredVersion } from '../../src/contracts/registry.ts';
import { LinkButton } from '../components/controls.tsx';
import { count, metricName, moment, score } from '../components/format.ts';
import { Card } from '../components/layout.tsx';
import type { Post } from './ModelView.tsx';

export function VersionOrigin({ version, post }: { version: RegisteredVersion; post: Post }): JSX.Element {
  const { file } = version;
  return (
    <Card title="Where it comes from">
      <dl class="pairs">
        <Run run_id={file.run_id} post={post} />
        {file.source === undefined ? null : <Source source={file.source} />}
        {file.data === undefined ? null : (
          <>
            <dt>Data</dt>
            <dd>
              {file.data.path}, {count(file.data.rows)} rows, <span class="mono" title={file.data.sha256}>{file.data.sha256.slice(0, 12)}</span>
            </dd>
          </>
        )}
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

export function CandidateOrigin({ candidate, post }: { candidate: ProgramCandidate; post: Post }): JSX.Element {
  return (
    <Card title="Where it comes from">
      <dl class="pairs">
        <Run run_id={candidate.run_id} post={post} />
        <Source source={candidate.source} />
        <dt>Registered</dt>
        <dd>{moment(candidate.created)}</dd>
        {Object.entries(candidate.tags).map(([key, value]) => (
          <>
            <dt>{key}</dt>
            <dd>{value}</dd>
          </>
        ))}
      </dl>
    </Card>
  );
}

function Run({ run_id, post }: { run_id: string; post: Post }): JSX.Element | null {
  return run_id === '' ? null : (
    <>
      <dt>Run</dt>
      <dd>
        <LinkButton onClick={() => post({ type: 'open_run', run_id })}>{run_id}</LinkButton>
      </dd>
    </>
  );
}

function Source({ source }: { source: string }): JSX.Element {
  return (
    <>
      <dt>Files</dt>
      <dd class="mono">{source}</dd>
    </>
  );
}
