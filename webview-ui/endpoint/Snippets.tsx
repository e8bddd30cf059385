import type { JSX } from 'preact';
import type { FromEndpointPanel, ToEndpointPanel } from '../../src/contracts/panels/endpoint.ts';
import { Button, LinkButton, Tabs } from '../components/controls.tsx';
import { Card } from '../components/layout.tsx';
import { installStyles } from '../components/styles.ts';

installStyles(`.snippet { position: relative; } .snippet .log { max-height: 260px; white-space: pre; overflow-wrap: normal; margin-bottom: 12px; }`);

interface Props {
  shown: Extract<ToEndpointPanel, { type: 'endpoint' }>;
  selected: number;
  select(index: number): void;
  post(message: FromEndpointPanel): void;
}

/** How to call the endpoint. The key is put in when it is copied, and does not stand on the screen. */
export function Snippets({ shown, selected, select, post }: Props): JSX.Element {
  const { endpoint, snippets, key_kept } = shown;
  const snippet = snippets[selected] ?? snippets[0];
  return (
    <Card title="Call it">
      <Tabs names={snippets.map((each) => each.label)} selected={selected} onSelect={select} label="Language" />
      <div class="snippet" role="tabpanel" aria-label={snippet?.label}>
        <pre class="log" tabIndex={0}>
          {snippet?.text ?? ''}
        </pre>
        <div class="actions">
          <Button onClick={() => post({ type: 'copy_snippet', index: selected })}>Copy</Button>
          {endpoint.needs_key ? (
            <span class="muted">
              {key_kept ? 'With the key in its place. ' : 'This editor does not hold the key. '}
              <LinkButton onClick={() => post({ type: 'new_key' })}>New key…</LinkButton>
            </span>
          ) : null}
        </div>
      </div>
      <p class="muted" style={{ marginTop: '12px' }}>
        It also speaks the Open Inference Protocol and MLflow’s scoring protocol; <code>/openapi.json</code> describes all of it.
      </p>
    </Card>
  );
}
