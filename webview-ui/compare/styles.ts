import { installStyles } from '../components/styles.ts';

const surface = 'var(--vscode-editor-background)';

installStyles(`
.page.compare { display: flex; flex-direction: column; height: 100vh; max-width: none; padding-bottom: 0; }
.compare > .header { position: static; flex: none; margin-bottom: 4px; padding: 12px 0 8px; border-bottom: 0; }
.compare > .tabs, .compare > .toolbar, .compare > .banner, .compare > details, .compare > .selection { flex: none; }
.compare .pane { flex: 1; min-height: 0; overflow: auto; padding-bottom: 16px; }
.compare .toolbar { gap: 8px 16px; }
.compare .filter { flex: 1 1 100%; min-width: 0; } .compare .filter input { width: 100%; height: 26px; padding: 2px 8px; font-family: var(--vscode-editor-font-family, monospace); font-size: 12px; color: var(--vscode-input-foreground); background: var(--vscode-input-background); border: 1px solid var(--vscode-input-border, var(--line)); border-radius: 2px; }
.compare .filter input:focus { outline: 1px solid var(--vscode-focusBorder); outline-offset: -1px; } .compare .filter input[aria-invalid=true] { border-color: var(--bad); }
.compare .problem { color: var(--vscode-errorForeground, var(--bad)); margin: 4px 0 0; overflow-wrap: anywhere; } .compare .hint { color: var(--muted); margin: 4px 0 0; } .compare .hint code { cursor: pointer; border: 0; font-size: 0.95em; }
.compare .selection { display: flex; gap: 16px; align-items: baseline; flex-wrap: wrap; margin-bottom: 8px; }
.grid { flex: 1; min-height: 120px; overflow: auto; border: 1px solid var(--line); border-bottom: 0; position: relative; contain: strict; font-variant-numeric: tabular-nums; }
.grid:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: -1px; }
.grid-inside { position: relative; min-width: 100%; }
.grid-head { position: sticky; top: 0; left: 0; z-index: 3; } .grid-body { position: sticky; left: 0; }
.grid .row { display: flex; height: 28px; width: 100%; background: ${surface}; contain: layout style; } .grid-body > .row { position: absolute; left: 0; }
.grid .moving { flex: 1; min-width: 0; overflow: clip; contain: strict; } .grid .track { display: flex; height: 100%; width: max-content; }
.grid .row.heads { height: 48px; border-bottom: 1px solid var(--line); }
.grid .cell { flex: none; box-sizing: border-box; overflow: hidden; padding: 4px 8px; white-space: nowrap; text-overflow: ellipsis; border-bottom: 1px solid var(--line); line-height: 19px; }
.grid .cell.run-name, .grid .cell.name-head { border-right: 1px solid var(--line); display: flex; gap: 8px; align-items: center; } .grid .cell.name-head { display: block; }
.grid .cell.number { text-align: right; } .grid .cell.check { padding: 6px 8px; } .grid .cell.head.check { padding-top: 25px; } .grid .cell.check input { margin: 0; accent-color: var(--vscode-focusBorder); }
.grid .cell.best { font-weight: 600; } .grid .cell.best::before { content: '★ '; color: var(--accent); }
.grid .run-name .link { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; min-width: 32px; flex: 0 1 auto; }
.grid .row:not(.heads):hover { background: linear-gradient(var(--vscode-list-hoverBackground, transparent), var(--vscode-list-hoverBackground, transparent)), ${surface}; }
.grid .row.selected, .grid .row.selected:hover { background: linear-gradient(var(--vscode-list-inactiveSelectionBackground, transparent), var(--vscode-list-inactiveSelectionBackground, transparent)), ${surface}; }
body.vscode-high-contrast .grid .row.selected, body.vscode-high-contrast-light .grid .row.selected { outline: 1px dashed var(--vscode-contrastActiveBorder); outline-offset: -1px; }
.grid .row.baseline .cell { border-bottom: 2px solid var(--accent); font-weight: 600; }
.grid .cell.active, .grid .cell.head { position: relative; } .grid .cell.active::after { content: ''; position: absolute; inset: 0; pointer-events: none; } .grid:focus .cell.active::after { outline: 1px solid var(--vscode-focusBorder); outline-offset: -1px; }
.grid .cell.head { height: 48px; cursor: pointer; padding-top: 4px; } .grid .head .group { height: 18px; font-size: 0.85em; color: var(--muted); overflow: visible; text-align: left; line-height: 18px; } .grid .head .name { font-weight: 600; display: flex; gap: 4px; align-items: baseline; min-width: 0; } .grid .head.number .name { justify-content: flex-end; }
.grid .head .name .text { overflow: hidden; text-overflow: ellipsis; min-width: 0; } .grid .head .name .muted { font-weight: 400; } .grid .head .arrow { flex: none; }
.grid .head .more { all: unset; cursor: pointer; flex: none; position: absolute; top: 2px; right: 8px; line-height: 16px; padding: 0 4px; background: ${surface}; opacity: 0; } .grid .head:hover .more, .grid .head.active .more { opacity: 1; }
.grid .edge { position: absolute; top: 0; right: 0; bottom: 0; width: 6px; cursor: col-resize; touch-action: none; border-right: 1px solid var(--line); } .grid .edge:hover { border-right: 2px solid var(--vscode-focusBorder); }
.grid .skeleton { display: inline-block; width: 60%; height: 10px; background: var(--line); opacity: 0.5; border-radius: 2px; }
.menu { position: fixed; z-index: 20; min-width: 180px; padding: 4px; background: var(--vscode-menu-background, ${surface}); color: var(--vscode-menu-foreground, inherit); border: 1px solid var(--vscode-menu-border, var(--line)); border-radius: 4px; display: flex; flex-direction: column; } .menu .muted { padding: 4px 8px; max-width: 220px; overflow: hidden; text-overflow: ellipsis; }
.menu button { all: unset; cursor: pointer; padding: 4px 8px; border-radius: 2px; } .menu button:hover, .menu button:focus { background: var(--vscode-menu-selectionBackground, var(--vscode-list-activeSelectionBackground)); color: var(--vscode-menu-selectionForeground, inherit); outline: 1px solid var(--vscode-contrastActiveBorder, transparent); outline-offset: -1px; }
.work { flex: 1; min-height: 0; display: flex; gap: 16px; } .work > .grid { min-width: 0; }
.chooser { flex: none; width: 260px; max-width: 60vw; overflow: auto; border-left: 1px solid var(--line); padding: 0 0 16px 16px; } .chooser h3 { margin: 12px 0 4px; display: flex; justify-content: space-between; gap: 8px; } .chooser label { display: flex; gap: 8px; align-items: center; padding: 2px 0; overflow-wrap: anywhere; min-width: 0; } .chooser label .muted { margin-left: auto; white-space: nowrap; font-size: 0.9em; } .chooser input[type=search] { width: 100%; height: 26px; padding: 2px 8px; font: inherit; color: var(--vscode-input-foreground); background: var(--vscode-input-background); border: 1px solid var(--vscode-input-border, var(--line)); }
.picture { position: relative; } .picture canvas { display: block; width: 100%; touch-action: none; } .picture .tip { position: absolute; pointer-events: none; padding: 4px 8px; background: var(--vscode-editorHoverWidget-background, ${surface}); border: 1px solid var(--vscode-editorHoverWidget-border, var(--line)); max-width: 280px; z-index: 2; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 8px 0; } .legend .key { display: inline-flex; gap: 6px; align-items: center; } .legend .swatch { flex: none; } 
.legend.curves { gap: 2px 16px; } .legend.curves .key { padding: 2px 4px; border-radius: 2px; max-width: 260px; } .legend.curves .key.highlit { background: var(--vscode-list-hoverBackground); outline: 1px dashed var(--vscode-contrastActiveBorder, transparent); } .legend.curves .key.off { opacity: 0.55; } .legend.curves .key.off .swatch svg { visibility: hidden; }
.legend.curves .link { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; } .legend button.swatch { all: unset; cursor: pointer; display: inline-flex; padding: 4px 2px; border: 1px solid transparent; border-radius: 2px; } .legend .key.off button.swatch { border-color: var(--line); } .legend button.swatch:focus-visible { outline: 1px solid var(--vscode-focusBorder); }
.scale { width: 120px; height: 8px; border: 1px solid var(--line); }
.ranges { display: grid; grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); gap: 8px 16px; } .ranges label { display: flex; gap: 8px; align-items: center; } .ranges input { width: 80px; min-width: 0; font: inherit; color: var(--vscode-input-foreground); background: var(--vscode-input-background); border: 1px solid var(--vscode-input-border, var(--line)); }
.views { display: flex; gap: 8px; align-items: center; }
@media (max-width: 560px) { .compare .toolbar { gap: 4px 8px; } .work { flex-direction: column; } .chooser { width: auto; max-width: none; border-left: 0; border-top: 1px solid var(--line); padding: 8px 0; max-height: 45vh; order: -1; } }
`);
