import type { JSX } from 'preact';
import type { CompareView } from '../../src/contracts/runTable.ts';
import { Dropdown, LinkButton } from '../components/controls.tsx';

interface ViewsProps {
  views: readonly CompareView[];
  chosen: string | null;
  onChoose(view: CompareView): void;
  onSave(name: string | null): void;
  onRename(name: string): void;
  onDelete(name: string): void;
}

/** The arrangements that were saved under a name. */
export function Views({ views, chosen, onChoose, onSave, onRename, onDelete }: ViewsProps): JSX.Element {
  const known = views.some(({ name }) => name === chosen) ? chosen : null;
  const choose = (name: string): void => {
    const view = views.find((each) => each.name === name);
    if (view !== undefined) {
      onChoose(view);
    }
  };
  return (
    <div class="views">
      {views.length === 0 ? null : <Dropdown inline label="Saved view" value={known ?? ''} options={[...(known === null ? [{ value: '', label: 'Saved views…' }] : []), ...views.map(({ name }) => ({ value: name, label: name }))]} onChange={choose} />}
      {known === null ? null : (
        <>
          <LinkButton onClick={() => onSave(known)}>Save</LinkButton>
          <LinkButton onClick={() => onRename(known)}>Rename…</LinkButton>
          <LinkButton onClick={() => onDelete(known)}>Delete…</LinkButton>
        </>
      )}
      <LinkButton onClick={() => onSave(null)}>{known === null ? 'Save view…' : 'Save as…'}</LinkButton>
    </div>
  );
}
