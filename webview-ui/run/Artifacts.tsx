// The files of a run and of the models that it logged: a tree, and beside it what the chosen file holds.
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { imageStep } from '../../src/contracts/imageSteps.ts';
import type { ArtifactEntry, FromRunPanel } from '../../src/contracts/panels/run.ts';
import type { Preview } from '../../src/contracts/panels/preview.ts';
import type { RunLinks } from '../../src/contracts/runs.ts';
import { LinkButton } from '../components/controls.tsx';
import { bytes } from '../components/format.ts';
import { Icon } from '../components/icons.tsx';
import { Card } from '../components/layout.tsx';
import { installStyles } from '../components/styles.ts';
import { FilePreview } from './FilePreview.tsx';
import { seriesIn } from './ImageSteps.tsx';

installStyles(`
.titled { display: flex; justify-content: space-between; gap: 12px; } .titled .link { font-weight: 400; }
.artifacts { display: grid; grid-template-columns: minmax(220px, 1fr) minmax(0, 2.4fr); gap: 20px; align-items: start; }
.artifacts .tree { max-height: 560px; overflow: auto; } .artifacts .tree button { all: unset; box-sizing: border-box; display: flex; gap: 4px; width: 100%; padding: 2px 4px; cursor: pointer; align-items: center; } .artifacts .tree button:hover { background: var(--vscode-list-hoverBackground); } .artifacts .tree button[aria-selected=true] { background: var(--vscode-list-inactiveSelectionBackground); outline: 1px solid var(--vscode-contrastActiveBorder, transparent); outline-offset: -1px; } .artifacts .tree button:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: -1px; }
.artifacts .tree .name { flex: 1; min-width: 0; overflow-wrap: anywhere; } .artifacts .tree .size { color: var(--muted); white-space: nowrap; font-variant-numeric: tabular-nums; } .artifacts .tree .icon { flex: none; } .artifacts .tree .space { width: 16px; flex: none; }
@media (max-width: 700px) { .artifacts { grid-template-columns: minmax(0, 1fr); } }
`);

/** A place in the tree, as text: the root's id (or nothing), a line break, the path. */
export type PlaceKey = string;

export function placeKey(root: string | null, path: string): PlaceKey {
  return `${root ?? ''}\n${path}`;
}

export interface ArtifactsState {
  folders: Readonly<Record<PlaceKey, { entries: ArtifactEntry[]; more: boolean }>>;
  previews: Readonly<Record<PlaceKey, Preview>>;
}

export interface ArtifactsView {
  /** Folders that are open. */
  unfolded: PlaceKey[];
  chosen: PlaceKey | null;
}

export const initialArtifactsView: ArtifactsView = { unfolded: [], chosen: null };

interface Props {
  state: ArtifactsState;
  links: RunLinks;
  view: ArtifactsView;
  setView(change: Partial<ArtifactsView>): void;
  post(message: FromRunPanel): void;
  /** Changes where the files may have: they are listed again. */
  version: string;
}

function placeOf(key: PlaceKey): { root: string | null; path: string } {
  const [root = '', path = ''] = key.split('\n');
  return { root: root === '' ? null : root, path };
}

export function Artifacts({ state, links, view, setView, post, version }: Props): JSX.Element {
  const top = placeKey(null, '');
  const refresh = (): void => {
    for (const key of [top, ...view.unfolded]) {
      post({ type: 'list', ...placeOf(key) });
    }
    if (view.chosen !== null) {
      const shown = state.previews[view.chosen];
      post({ type: 'preview', ...placeOf(view.chosen), from: shown?.kind === 'text' ? shown.from : 0 });
    }
  };
  useEffect(refresh, [version]);
  const toggle = (key: PlaceKey): void => {
    const open = view.unfolded.includes(key);
    if (!open) {
      post({ type: 'list', ...placeOf(key) });
    }
    setView({ unfolded: open ? view.unfolded.filter((each) => each !== key) : [...view.unfolded, key] });
  };
  const choose = (key: PlaceKey): void => {
    post({ type: 'preview', ...placeOf(key), from: 0 });
    setView({ chosen: key });
  };
  const branch = (root: string | null, path: string, depth: number): JSX.Element[] => {
    const { entries, more } = state.folders[placeKey(root, path)] ?? { entries: [], more: false };
    const series = seriesIn(entries);
    return [
      ...[...series].map(([title, pictures]) => {
        const keys = pictures.map(({ name }) => placeKey(root, `${path}/${name}`));
        const latest = keys.at(-1) ?? '';
        return <Row key={`${path}/${title}`} name={title} depth={depth} open={null} selected={view.chosen !== null && keys.includes(view.chosen)} size={keys.length === 1 ? '1 step' : `${keys.length} steps`} onClick={() => choose(latest)} />;
      }),
      ...entries.flatMap((entry) => {
        if (!entry.folder && imageStep(entry.name) !== null) {
          return [];
        }
        const inside = path === '' ? entry.name : `${path}/${entry.name}`;
        const key = placeKey(root, inside);
        const open = view.unfolded.includes(key);
        return [
          <Row key={key} name={entry.name} depth={depth} open={entry.folder ? open : null} selected={view.chosen === key} size={entry.folder ? '' : bytes(entry.bytes)} onClick={() => (entry.folder ? toggle(key) : choose(key))} />,
          ...(entry.folder && open ? branch(root, inside, depth + 1) : []),
        ];
      }),
      ...(more ? [<div class="muted">Only the first {entries.length} are listed.</div>] : []),
    ];
  };
  const listed = state.folders[top];
  const chosen = view.chosen === null ? null : placeOf(view.chosen);
  const seriesOf = ({ root, path }: { root: string | null; path: string }): Parameters<typeof FilePreview>[0]['series'] => {
    const folder = path.slice(0, path.lastIndexOf('/'));
    const title = imageStep(path.slice(folder.length + 1))?.key;
    const pictures = title === undefined ? undefined : seriesIn(state.folders[placeKey(root, folder)]?.entries ?? []).get(title);
    return title === undefined || pictures === undefined ? null : { title, pictures, choose: (name) => choose(placeKey(root, `${folder}/${name}`)) };
  };
  return (
    <Card
      title={
        <span class="titled">
          Artifacts <LinkButton onClick={refresh}>Refresh</LinkButton>
        </span>
      }
      id="artifacts"
    >
      {listed?.entries.length === 0 && links.models.length === 0 ? (
        <p class="muted">None yet.</p>
      ) : (
        <div class="artifacts">
          <div class="tree" role="tree" aria-label="Artifacts" onKeyDown={(event) => (move(event.currentTarget, event.key) ? event.preventDefault() : undefined)}>
            {branch(null, '', 0)}
            {links.models.map((model) => {
              const key = placeKey(model.model_id, '');
              const open = view.unfolded.includes(key);
              return (
                <>
                  <Row
                    key={key}
                    name={`Model ${model.name}`}
                    depth={0}
                    open={open}
                    selected={false}
                    size={model.ready ? (model.registered[0] === undefined ? 'logged' : `${model.registered[0].model} ${model.registered[0].version}`) : 'not ready'}
                    onClick={() => {
                      toggle(key);
                      if (!open) {
                        post({ type: 'preview', root: model.model_id, path: 'MLmodel', from: 0 });
                        setView({ unfolded: [...view.unfolded, key], chosen: placeKey(model.model_id, 'MLmodel') });
                      }
                    }}
                  />
                  {open ? branch(model.model_id, '', 1) : null}
                  {open && model.folder === '' ? <div class="muted">Its files lie on another server.</div> : null}
                </>
              );
            })}
          </div>
          <div>
            {chosen === null || view.chosen === null ? <p class="muted">Choose a file to look into it here.</p> : <FilePreview name={chosen.path} preview={state.previews[view.chosen]} series={seriesOf(chosen)} open={() => post({ type: 'open_artifact', ...chosen })} read={(from) => post({ type: 'preview', ...chosen, from })} />}
          </div>
        </div>
      )}
    </Card>
  );
}

/** @param open null for a file. */
function Row({ name, depth, open, selected, size, onClick }: { name: string; depth: number; open: boolean | null; selected: boolean; size: string; onClick(): void }): JSX.Element {
  return (
    <button type="button" role="treeitem" aria-level={depth + 1} aria-selected={selected} {...(open === null ? {} : { 'aria-expanded': open })} style={{ paddingLeft: `${depth * 16 + 4}px` }} onClick={onClick}>
      {open === null ? <span class="space" /> : <Icon name={open ? 'down' : 'right'} />}
      <span class="name">{name}</span>
      <span class="size">{size}</span>
    </button>
  );
}

/** Arrow keys: up and down between rows, right and left unfold and fold. Gives whether the key was one of them. */
function move(tree: HTMLElement, key: string): boolean {
  const rows = [...tree.querySelectorAll<HTMLElement>('[role=treeitem]')];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const row = rows[at];
  if (key === 'ArrowDown' || key === 'ArrowUp') {
    rows[at + (key === 'ArrowDown' ? 1 : -1)]?.focus();
    return true;
  }
  if ((key === 'ArrowRight' && row?.ariaExpanded === 'false') || (key === 'ArrowLeft' && row?.ariaExpanded === 'true')) {
    row.click();
    return true;
  }
  return false;
}
