// One visual language for all panels, in the editor's own colours. Distances are multiples of 4 pixels.
const css = `
:root { --line: var(--vscode-panel-border, var(--vscode-editorWidget-border, rgba(128,128,128,0.35))); --muted: var(--vscode-descriptionForeground); --accent: var(--vscode-charts-blue, #3794ff); --good: var(--vscode-charts-green, #388a34); --warn: var(--vscode-editorWarning-foreground, #bf8803); --bad: var(--vscode-charts-red, var(--vscode-errorForeground, #f14c4c)); --surface: var(--vscode-editorWidget-background, transparent); }
body.vscode-high-contrast, body.vscode-high-contrast-light { --line: var(--vscode-contrastBorder); --surface: transparent; }
* { box-sizing: border-box; }
html, body { padding: 0; margin: 0; }
body { font-family: var(--vscode-font-family); font-size: var(--vscode-font-size, 13px); color: var(--vscode-foreground); background: var(--vscode-editor-background); line-height: 1.4; }
#root { min-height: 100vh; }
code, .mono { font-family: var(--vscode-editor-font-family, monospace); font-size: 0.95em; }
code { background: var(--vscode-textPreformat-background, var(--vscode-textCodeBlock-background, transparent)); padding: 0 4px; border-radius: 2px; overflow-wrap: anywhere; }
body.vscode-high-contrast code, body.vscode-high-contrast-light code { border: 1px solid var(--line); }
h1 { font-size: 1.4em; font-weight: 600; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.05em; font-weight: 600; margin: 0 0 12px; }
h3 { font-size: 1em; font-weight: 600; margin: 0 0 4px; }
p { margin: 0 0 8px; } p:last-child { margin-bottom: 0; }
a, .link { color: var(--vscode-textLink-foreground); text-decoration: none; cursor: pointer; }
a:hover, .link:hover { color: var(--vscode-textLink-activeForeground); text-decoration: underline; }
button.plain { all: unset; cursor: pointer; }
.link { background: none; border: 0; padding: 0; font: inherit; text-align: left; overflow-wrap: anywhere; }
:focus-visible, button.plain:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
.page { max-width: 1280px; margin: 0 auto; padding: 0 24px 40px; }
.header { position: sticky; top: 0; z-index: 5; background: var(--vscode-editor-background); border-bottom: 1px solid var(--line); padding: 16px 0 12px; margin-bottom: 20px; display: flex; gap: 16px; align-items: flex-start; justify-content: space-between; flex-wrap: wrap; }
.header > div:first-child { min-width: 200px; flex: 1; }
.header .subtitle { color: var(--muted); margin-top: 4px; overflow-wrap: anywhere; }
.actions { display: flex; gap: 8px; flex-wrap: wrap; align-items: center; }
.section { margin-bottom: 28px; }
.card { border: 1px solid var(--line); border-radius: 4px; padding: 16px; margin-bottom: 20px; background: var(--vscode-editor-background); }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(340px, 1fr)); gap: 20px; align-items: start; }
.columns > .card { margin-bottom: 0; }
.stats { display: flex; flex-wrap: wrap; gap: 12px 32px; margin-bottom: 20px; }
.stat .value { font-size: 1.5em; font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap; }
.stat .label { color: var(--muted); }
.muted { color: var(--muted); font-weight: 400; }
.banner { display: flex; gap: 8px; padding: 6px 12px; border: 1px solid var(--line); border-left: 3px solid var(--accent); border-radius: 2px; margin: 0 0 8px; align-items: flex-start; background: var(--surface); }
.banner > div { min-width: 0; overflow-wrap: anywhere; }
.banner.good { border-left-color: var(--good); } .banner.warning { border-left-color: var(--warn); } .banner.error { border-left-color: var(--bad); }
.banner + .stats, .banner + .card { margin-top: 20px; }
.banner .icon { flex: none; margin-top: 2px; } .banner.good .icon { color: var(--good); } .banner.warning .icon { color: var(--warn); } .banner.error .icon { color: var(--bad); } .banner.note .icon { color: var(--accent); }
.badge { display: inline-block; padding: 0 6px; border-radius: 8px; font-size: 0.85em; line-height: 1.5; border: 1px solid var(--line); white-space: nowrap; }
.badge.good { border-color: var(--good); } .badge.bad { border-color: var(--bad); } .badge.warn { border-color: var(--warn); } .badge.accent { border-color: var(--accent); }
.badge .dot { display: inline-block; width: 7px; height: 7px; border-radius: 50%; margin-right: 5px; vertical-align: 1px; background: var(--muted); } .badge.good .dot { background: var(--good); } .badge.bad .dot { background: var(--bad); } .badge.warn .dot { background: var(--warn); } .badge.accent .dot { background: var(--accent); }
.empty { text-align: center; color: var(--muted); padding: 48px 16px; }
.card .empty { padding: 24px 16px; } .banner + .card { margin-top: 20px; }
.empty .actions { justify-content: center; margin-top: 16px; }
.progress { height: 4px; background: var(--line); border-radius: 2px; overflow: hidden; margin: 4px 0 8px; }
.progress > div { height: 100%; background: var(--vscode-progressBar-background, var(--accent)); transition: width 0.3s; }
.progress.unknown > div { width: 30%; animation: slide 1.6s infinite ease-in-out; }
@keyframes slide { from { margin-left: -30%; } to { margin-left: 100%; } }
@media (prefers-reduced-motion: reduce) { .progress > div { transition: none; } .progress.unknown > div { animation: none; width: 100%; opacity: 0.5; } }
body.vscode-reduce-motion .progress.unknown > div { animation: none; width: 100%; opacity: 0.5; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 5px 12px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
th { font-weight: 600; white-space: nowrap; } tr:last-child td { border-bottom: 0; }
th.number, td.number { text-align: right; white-space: nowrap; }
td.number + td:not(.number), th.number + th:not(.number) { padding-left: 12px; }
td.best { font-weight: 600; } td.best::before { content: '★ '; color: var(--accent); }
th button { all: unset; cursor: pointer; } th button:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
.field { margin-bottom: 16px; max-width: 520px; } .field > label, .field > .name { display: block; margin-bottom: 4px; font-weight: 600; }
.field .hint { color: var(--muted); margin-top: 4px; } .field .problem { color: var(--bad); margin-top: 4px; }
select { width: 100%; min-height: 26px; padding: 2px 6px; font: inherit; color: var(--vscode-dropdown-foreground); background: var(--vscode-dropdown-background); border: 1px solid var(--vscode-dropdown-border, var(--line)); border-radius: 2px; }
select:focus { outline: 1px solid var(--vscode-focusBorder); outline-offset: -1px; }
select.inline { width: auto; }
vscode-text-field { width: 100%; } vscode-text-field.inline { width: 200px; } vscode-text-field.narrow { --input-min-width: 64px; width: 64px; min-width: 64px; }
.tabs { display: flex; gap: 4px; border-bottom: 1px solid var(--line); margin-bottom: 12px; }
.tabs button { all: unset; cursor: pointer; padding: 4px 12px; border-bottom: 2px solid transparent; margin-bottom: -1px; color: var(--muted); } .tabs button[aria-selected=true] { color: var(--vscode-foreground); border-bottom-color: var(--vscode-focusBorder, var(--accent)); font-weight: 600; } .tabs button:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: -2px; }
.toolbar { display: flex; flex-wrap: wrap; gap: 8px 12px; align-items: center; margin-bottom: 8px; }
.chart { width: 100%; min-height: 40px; } .chart svg { display: block; max-width: 100%; overflow: visible; }
.chart text { pointer-events: none; }
.log { max-height: 420px; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; font-family: var(--vscode-editor-font-family, monospace); font-size: var(--vscode-editor-font-size, 12px); background: var(--vscode-textCodeBlock-background, transparent); border: 1px solid var(--line); padding: 8px 12px; margin: 0; }
details > summary { cursor: pointer; } details[open] > summary { margin-bottom: 12px; }
.pairs { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; margin: 0; } .pairs dt { color: var(--muted); } .pairs dd { margin: 0; overflow-wrap: anywhere; }
.checks { display: grid; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); gap: 2px 12px; max-height: 220px; overflow: auto; border: 1px solid var(--line); padding: 8px; }
.chips { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; list-style: none; margin: 0 0 8px; padding: 0; }
.chip { display: inline-flex; gap: 4px; align-items: center; max-width: 100%; padding: 0 4px 0 8px; border: 1px solid var(--line); border-radius: 4px; line-height: 1.7; } .chip > button { overflow-wrap: anywhere; } .chip .remove { display: inline-flex; color: var(--muted); } .chip .remove:hover { color: var(--vscode-foreground); }
.tagform { display: inline-flex; flex-wrap: wrap; gap: 4px 8px; align-items: center; } .tagform input { width: 140px; } .tagform button[disabled] { opacity: 0.5; cursor: default; text-decoration: none; }
textarea, .tagform input { font: inherit; color: var(--vscode-input-foreground); background: var(--vscode-input-background); border: 1px solid var(--vscode-input-border, var(--line)); border-radius: 2px; padding: 4px 6px; } textarea { display: block; width: 100%; resize: vertical; }
textarea:focus, .tagform input:focus { outline: 1px solid var(--vscode-focusBorder); outline-offset: -1px; }
.note { margin-bottom: 16px; } .notes .toolbar { margin: 16px 0 0; } .notes.bare { display: flex; flex-wrap: wrap; gap: 8px 24px; align-items: baseline; margin-bottom: 20px; } .notes.bare .note:has(textarea) { flex: 1 1 100%; } .notes.bare .note, .notes.bare .chips, .notes.bare .toolbar { margin: 0; } .notetext { max-width: 80ch; overflow-wrap: anywhere; } .notetext ul { margin: 0 0 8px; padding-left: 20px; }
.difference { color: var(--muted); font-variant-numeric: tabular-nums; white-space: nowrap; } .difference.better { color: var(--good); } .difference.worse { color: var(--bad); }
td.tight, th.tight { width: 1px; white-space: nowrap; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 560px) { .page { padding: 0 12px 24px; } .columns { grid-template-columns: minmax(0, 1fr); } .header { position: static; } }
`;

/** Puts the panels' styles into the page, with what one panel adds. */
export function installStyles(extra = ''): void {
  const style = document.createElement('style');
  style.textContent = css + extra;
  document.head.append(style);
}
