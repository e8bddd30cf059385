import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Endpoint, ServedVersion } from '../../src/contracts/endpoints.ts';
import type { FromEndpointPanel } from '../../src/contracts/panels/endpoint.ts';
import type { RegisteredModel } from '../../src/contracts/registry.ts';
import { Button, Checkbox, Dropdown, LinkButton, TextField } from '../components/controls.tsx';
import { Card } from '../components/layout.tsx';
import { installStyles } from '../components/styles.ts';
import { lookOf, VersionMark } from '../components/versions.tsx';

installStyles(`
.traffic td { vertical-align: middle; } .traffic .share { display: inline-flex; align-items: center; gap: 8px; }
.traffic + .actions { margin-top: 12px; min-height: 28px; }
.add { border-top: 1px solid var(--line); margin-top: 16px; padding-top: 12px; }
`);

/** By ULID. A weight is what stands in its field. */
export type Draft = Record<string, { weight: string; shadow: boolean; gone: boolean }>;

interface Props {
  endpoint: Endpoint;
  models: RegisteredModel[];
  draft: Draft | null;
  setDraft(draft: Draft | null): void;
  post(message: FromEndpointPanel): void;
}

const numberOf = (text: string): number => (/^\d{1,3}$/.test(text.trim()) ? Number(text) : Number.NaN);

function draftOf(versions: readonly ServedVersion[], draft: Draft | null): Draft {
  return Object.fromEntries(versions.map((version) => [version.ulid, draft?.[version.ulid] ?? { weight: String(version.weight), shadow: version.shadow, gone: false }]));
}

/** What is wrong with the shares, or null. */
function faultOf(draft: Draft): string | null {
  const answering = Object.values(draft).filter((each) => !each.gone && !each.shadow);
  if (answering.length === 0) {
    return 'One version must answer: a shadow never does.';
  }
  const sum = answering.reduce((total, each) => total + numberOf(each.weight), 0);
  if (Number.isNaN(sum)) {
    return 'A share is a whole number from 0 to 100.';
  }
  return sum === 100 ? null : `The shares add up to ${sum} %; they must add up to 100 %.`;
}

/** Who answers which share of the requests. */
export function Traffic({ endpoint, models, draft, setDraft, post }: Props): JSX.Element {
  const now = draftOf(endpoint.versions, draft);
  const changed = endpoint.versions.some((version) => {
    const each = now[version.ulid];
    return each !== undefined && (each.gone || each.shadow !== version.shadow || (!each.shadow && numberOf(each.weight) !== version.weight));
  });
  const fault = faultOf(now);
  const change = (ulid: string, part: Partial<Draft[string]>): void => {
    const next = { ...now, [ulid]: { ...now[ulid], ...part } as Draft[string] };
    const others = Object.entries(next).filter(([id, each]) => id !== ulid && !each.gone && !each.shadow);
    const [other] = others;
    const own = next[ulid];
    // Of two that answer, the other takes the rest.
    if (own !== undefined && others.length === 1 && other !== undefined) {
      const share = own.gone || own.shadow ? 0 : numberOf(own.weight);
      if (share >= 0 && share <= 100) {
        next[other[0]] = { ...other[1], weight: String(100 - share) };
      }
    }
    setDraft(next);
  };
  const apply = (): void => {
    const versions = endpoint.versions.flatMap(({ ulid }) => {
      const each = now[ulid];
      return each === undefined || each.gone ? [] : [{ version: ulid, weight: each.shadow ? 0 : numberOf(each.weight), shadow: each.shadow }];
    });
    post({ type: 'set_traffic', versions });
    setDraft(null);
  };
  return (
    <Card title="Traffic">
      <table class="traffic">
        <thead>
          <tr>
            <th>Version</th>
            <th class="number">Requests</th>
            <th>Shadow</th>
            <th>
              <span class="sr">Remove</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {endpoint.versions.map((version) => {
            const { name } = lookOf(version.version);
            const each = now[version.ulid];
            return each === undefined ? null : (
              <tr key={version.ulid}>
                <td>
                  <VersionMark version={version.version} />
                  <LinkButton onClick={() => post({ type: 'open_model', model: version.model, version: version.version })}>{version.model === endpoint.name ? name : `${version.model} ${name.toLowerCase()}`}</LinkButton>
                </td>
                <td class="number">
                  {each.gone ? (
                    <span class="muted">leaves</span>
                  ) : (
                    <span class="share">
                      <TextField narrow label={`Share of ${name} in percent`} value={each.shadow ? '0' : each.weight} disabled={each.shadow || endpoint.versions.length === 1} onInput={(weight) => change(version.ulid, { weight })} onEnter={() => (changed && fault === null ? apply() : undefined)} /> %
                    </span>
                  )}
                </td>
                <td>
                  {endpoint.versions.length === 1 ? null : (
                    <Checkbox checked={each.shadow} onChange={(shadow) => change(version.ulid, { shadow, weight: '0' })}>
                      <span class="sr">{name} as a shadow</span>
                    </Checkbox>
                  )}
                </td>
                <td class="tight">{endpoint.versions.length === 1 ? null : <LinkButton onClick={() => change(version.ulid, { gone: !each.gone, weight: '0' })}>{each.gone ? 'Keep' : 'Remove'}</LinkButton>}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {changed || fault !== null ? (
        <div class="actions">
          <Button primary disabled={fault !== null} onClick={apply}>
            Apply
          </Button>
          <LinkButton onClick={() => setDraft(null)}>Reset</LinkButton>
          <span role="status" style={{ color: fault === null ? 'var(--muted)' : 'var(--bad)' }}>
            {fault ?? 'Takes effect at once; rolling back takes one click.'}
          </span>
        </div>
      ) : null}
      <AddVersion endpoint={endpoint} models={models} post={post} />
    </Card>
  );
}

/** Another version beside those that are served: a small share first, or a shadow. */
function AddVersion({ endpoint, models, post }: Pick<Props, 'endpoint' | 'models' | 'post'>): JSX.Element | null {
  const own = endpoint.versions[0]?.model;
  const choices = models
    .flatMap(({ name, versions }) => versions.filter((version) => version.available && !endpoint.versions.some((each) => each.ulid === version.file.ulid)).map((version) => ({ model: name, version: version.file.version })))
    .filter((choice) => choice.model === own);
  const [chosen, setChosen] = useState('');
  const [weight, setWeight] = useState('10');
  const [shadow, setShadow] = useState(false);
  const choice = choices.find((each) => String(each.version) === chosen) ?? choices[0];
  if (choice === undefined) {
    return null;
  }
  const share = numberOf(weight);
  const wrong = !shadow && !(share >= 1 && share <= 100);
  return (
    <div class="add">
      <div class="toolbar">
        <Dropdown inline label="Version to add" value={String(choice.version)} options={choices.map((each) => ({ value: String(each.version), label: `Version ${each.version}` }))} onChange={setChosen} />
        {shadow ? null : (
          <span class="share" style={{ display: 'inline-flex', alignItems: 'center', gap: '8px' }}>
            with <TextField narrow label="Its share in percent" value={weight} onInput={setWeight} /> %
          </span>
        )}
        <Checkbox checked={shadow} onChange={setShadow}>
          as a shadow
        </Checkbox>
        <Button disabled={wrong} onClick={() => post({ type: 'add_version', model: choice.model, version: choice.version, weight: shadow ? 0 : share, shadow })}>
          Add
        </Button>
      </div>
      <p class="muted">{wrong ? 'A share is a whole number from 1 to 100.' : shadow ? 'A shadow gets a copy of every request. What it says is logged and never returned.' : 'The versions that are served now share the rest.'}</p>
    </div>
  );
}
