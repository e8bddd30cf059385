// An HTML file of a run, which anybody may have written. docs/experiments.md says why it can do no harm.
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { Button } from '../components/controls.tsx';

/** The page's own policy, besides that of the panel, which holds in the frame too: nothing is fetched from anywhere. */
const policy = (nonce: string | null): string => `default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'; script-src ${nonce === null ? `'none'` : `'nonce-${nonce}'`}`;

export function PagePreview({ name, html }: { name: string; html: string }): JSX.Element {
  const [runs, setRuns] = useState(false);
  const content = useMemo(() => sandboxed(html, runs), [html, runs]);
  return (
    <>
      <div class="toolbar">
        {runs ? (
          <span class="muted">Its scripts run, shut off from the network and from the editor.</span>
        ) : (
          <>
            <Button onClick={() => setRuns(true)}>Run its scripts</Button>
            <span class="muted">Shown without its scripts. Run them if you trust the file.</span>
          </>
        )}
      </div>
      <iframe key={String(runs)} title={name} sandbox={runs ? 'allow-scripts' : ''} srcdoc={content} style={{ width: '100%', height: '520px', border: '1px solid var(--line)', background: '#fff', colorScheme: 'light' }} />
    </>
  );
}

/** The page with our policy first. Its own scripts get the panel's nonce when they may run: without it the policy stops them. */
export function sandboxed(html: string, runs: boolean): string {
  const page = new DOMParser().parseFromString(html, 'text/html');
  const nonce = runs ? (document.querySelector<HTMLScriptElement>('script[nonce]')?.nonce ?? null) : null;
  for (const script of page.querySelectorAll('script')) {
    script.removeAttribute('nonce');
    if (nonce !== null && !script.hasAttribute('src')) {
      script.setAttribute('nonce', nonce);
    }
  }
  const meta = page.createElement('meta');
  meta.httpEquiv = 'Content-Security-Policy';
  meta.content = policy(nonce);
  page.head.prepend(meta);
  return `<!DOCTYPE html>${page.documentElement.outerHTML}`;
}
