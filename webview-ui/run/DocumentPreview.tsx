// Markdown and notebooks, made into pages by the extension: in a frame like other people's pages, but in the editor's colours.
import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { LinkButton } from '../components/controls.tsx';
import { sandboxed } from './PagePreview.tsx';

/** @param source what the page was made of; null where that is no use to read */
export function DocumentPreview({ name, html, source }: { name: string; html: string; source: string | null }): JSX.Element {
  const [raw, setRaw] = useState(false);
  const theme = useThemeName();
  const content = useMemo(() => sandboxed(`<style>${styles()}</style>${html}`, false), [html, theme]);
  return (
    <>
      {source === null ? null : (
        <div class="toolbar">
          <LinkButton onClick={() => setRaw(!raw)}>{raw ? 'Show as a page' : 'Show its source'}</LinkButton>
        </div>
      )}
      {raw ? (
        <pre class="log" tabIndex={0}>
          {source}
        </pre>
      ) : (
        <iframe key={theme} title={name} sandbox="" srcdoc={content} style={{ width: '100%', height: '520px', border: '1px solid var(--line)' }} />
      )}
    </>
  );
}

/** Changes with the editor's theme. */
function useThemeName(): string {
  const read = (): string => `${document.body.className} ${document.body.dataset['vscodeThemeId'] ?? ''}`;
  const [name, setName] = useState(read);
  useEffect(() => {
    const observer = new MutationObserver(() => setName(read()));
    observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
    return () => observer.disconnect();
  }, []);
  return name;
}

/** What the editor's colours are now: its variables do not reach into a frame. */
function styles(): string {
  const page = getComputedStyle(document.body);
  const of = (variable: string, otherwise: string): string => page.getPropertyValue(variable).trim() || otherwise;
  const line = of('--line', '#8885');
  const code = of('--vscode-textCodeBlock-background', 'transparent');
  const dark = document.body.classList.contains('vscode-light') || document.body.classList.contains('vscode-high-contrast-light') ? 'light' : 'dark';
  return `
:root { color-scheme: ${dark}; }
body { margin: 12px 16px; font: ${page.fontSize}/1.5 ${page.fontFamily}; color: ${page.color}; background: ${of('--vscode-editor-background', page.backgroundColor)}; overflow-wrap: anywhere; }
a { color: ${of('--vscode-textLink-foreground', 'LinkText')}; }
h1, h2 { border-bottom: 1px solid ${line}; padding-bottom: 4px; } h1 { font-size: 1.6em; } h2 { font-size: 1.3em; } h3 { font-size: 1.1em; }
img { max-width: 100%; }
pre, code { font-family: ${of('--vscode-editor-font-family', 'monospace')}; font-size: 0.95em; } code { background: ${code}; padding: 0 4px; border-radius: 2px; }
pre { background: ${code}; border: 1px solid ${line}; border-radius: 3px; padding: 8px 12px; overflow-x: auto; overflow-wrap: normal; } pre code { background: none; padding: 0; }
pre.output { background: none; border-color: transparent; padding: 4px 12px 4px 52px; margin: 0; } pre.error { color: ${of('--vscode-errorForeground', 'red')}; } div.output { padding-left: 52px; overflow-x: auto; }
.cell { display: flex; gap: 8px; align-items: baseline; margin-top: 12px; } .cell .count { flex: none; width: 36px; text-align: right; color: ${of('--vscode-descriptionForeground', 'inherit')}; font-family: ${of('--vscode-editor-font-family', 'monospace')}; font-size: 0.9em; } .cell pre { flex: 1; min-width: 0; margin: 0; }
table { border-collapse: collapse; } th, td { border: 1px solid ${line}; padding: 4px 8px; text-align: left; }
blockquote { margin: 0; padding-left: 12px; border-left: 3px solid ${line}; }`;
}
