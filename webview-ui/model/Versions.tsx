import type { JSX } from 'preact';
import { championAlias, type RegisteredModel } from '../../src/contracts/registry.ts';
import { LinkButton } from '../components/controls.tsx';
import { metricName, moment, score } from '../components/format.ts';
import { Badge, Card } from '../components/layout.tsx';
import type { Post } from './ModelView.tsx';

interface Row {
  key: string;
  version: number;
  /** Milliseconds since 1970. */
  created: number;
  metrics: Record<string, number>;
  badges: JSX.Element[];
  champion: boolean;
}

/** Versions and candidates in one numbering, newest first. */
export function Versions({ model, selected, metrics, post }: { model: RegisteredModel; selected: number; metrics: string[]; post: Post }): JSX.Element {
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
            {rowsOf(model).map((row) => (
              <tr key={row.key} aria-current={row.version === selected}>
                <td>
                  {row.version === selected ? <strong>{row.version}</strong> : <LinkButton onClick={() => post({ type: 'select', version: row.version })}>{String(row.version)}</LinkButton>} {row.badges}
                </td>
                {metrics.map((metric) => (
                  <td key={metric} class="number" title={String(row.metrics[metric] ?? '')}>
                    {score(row.metrics[metric])}
                  </td>
                ))}
                <td>{moment(row.created)}</td>
                <td>{row.champion ? null : <LinkButton onClick={() => post({ type: 'promote', version: row.version })}>Promote</LinkButton>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

function rowsOf({ versions, candidates }: RegisteredModel): Row[] {
  const files = versions.map(({ file, aliases, available }): Row => ({
    key: file.ulid,
    version: file.version,
    created: Date.parse(file.created),
    metrics: file.metrics,
    champion: aliases.includes(championAlias),
    badges: [
      ...aliases.map((alias) => (
        <Badge key={alias} tone="accent">
          {alias}
        </Badge>
      )),
      ...(available ? [] : [
        <Badge key="not here" tone="warn">
          not here
        </Badge>,
      ]),
    ],
  }));
  const others = candidates.map(({ version, created, aliases }): Row => ({
    key: `candidate ${version}`,
    version,
    created,
    metrics: {},
    champion: false,
    badges: [
      <Badge key="candidate" tone="warn">
        candidate
      </Badge>,
      ...aliases.map((alias) => <Badge key={alias}>{alias} for programs</Badge>),
    ],
  }));
  return [...files, ...others].sort((a, b) => b.version - a.version);
}
