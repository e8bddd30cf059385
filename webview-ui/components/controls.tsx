// The only module that knows the toolkit, so that another can take its place.
import { provideVSCodeDesignSystem, vsCodeButton, vsCodeCheckbox, vsCodeProgressRing, vsCodeTextField } from '@vscode/webview-ui-toolkit';
import type { ComponentChildren, FunctionComponent, HTMLAttributes, JSX } from 'preact';

provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeCheckbox(), vsCodeProgressRing(), vsCodeTextField());

interface ToolkitAttributes extends HTMLAttributes<HTMLElement> {
  appearance?: string;
  value?: string;
  placeholder?: string;
  checked?: boolean;
  disabled?: boolean;
  children?: ComponentChildren;
  ref?: (element: HTMLElement | null) => void;
}

/** The toolkit's elements by their tags, with the attributes that are used here. */
const tag = (name: string): FunctionComponent<ToolkitAttributes> => name as unknown as FunctionComponent<ToolkitAttributes>;
const VsButton = tag('vscode-button');
const VsCheckbox = tag('vscode-checkbox');
const VsProgressRing = tag('vscode-progress-ring');
const VsTextField = tag('vscode-text-field');

export function Button({ children, onClick, primary, disabled, title }: { children: ComponentChildren; onClick(): void; primary?: boolean; disabled?: boolean; title?: string }): JSX.Element {
  return (
    <VsButton appearance={primary ? 'primary' : 'secondary'} disabled={disabled ?? false} {...(title === undefined ? {} : { title })} onClick={() => (disabled ? undefined : onClick())}>
      {children}
    </VsButton>
  );
}

/** Looks like a link and acts like a button. */
export function LinkButton({ children, onClick, title }: { children: ComponentChildren; onClick(): void; title?: string }): JSX.Element {
  return (
    <button type="button" class="link" {...(title === undefined ? {} : { title })} onClick={onClick}>
      {children}
    </button>
  );
}

export function TextField({ value, onInput, placeholder, label, inline, narrow, disabled, onEnter }: { value: string; onInput(value: string): void; placeholder?: string; label: string; inline?: boolean; narrow?: boolean; disabled?: boolean; onEnter?(): void }): JSX.Element {
  return (
    <VsTextField
      class={narrow ? 'narrow' : inline ? 'inline' : ''}
      disabled={disabled ?? false}
      value={value}
      placeholder={placeholder ?? ''}
      // The toolkit names every field "Text field" when it is connected.
      ref={(field: HTMLElement | null) => field?.setAttribute('aria-label', label)}
      onInput={(event) => onInput((event.currentTarget as HTMLElement & { value: string }).value)}
      onKeyDown={(event) => (event.key === 'Enter' ? onEnter?.() : undefined)}
    />
  );
}

export function Checkbox({ checked, onChange, children }: { checked: boolean; onChange(checked: boolean): void; children: ComponentChildren }): JSX.Element {
  return (
    <VsCheckbox
      checked={checked}
      onChange={(event) => {
        const now = (event.currentTarget as HTMLElement & { checked: boolean }).checked;
        if (now !== checked) {
          onChange(now);
        }
      }}
    >
      {children}
    </VsCheckbox>
  );
}

export interface Option {
  value: string;
  label: string;
}

/** A native list: long lists, typing ahead and screen readers work as everywhere. */
export function Dropdown({ value, options, onChange, label, inline, id }: { value: string; options: readonly Option[]; onChange(value: string): void; label: string; inline?: boolean; id?: string }): JSX.Element {
  return (
    <select class={inline ? 'inline' : ''} aria-label={label} value={value} {...(id === undefined ? {} : { id })} onChange={(event) => onChange(event.currentTarget.value)}>
      {options.map((option) => (
        <option key={option.value} value={option.value} selected={option.value === value}>
          {option.label}
        </option>
      ))}
    </select>
  );
}

/** Choices of which one is shown; arrow keys move between them. */
export function Tabs({ names, selected, onSelect, label }: { names: readonly string[]; selected: number; onSelect(index: number): void; label: string }): JSX.Element {
  const move = (key: string, list: HTMLElement): void => {
    const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
    if (step !== 0) {
      const next = (selected + step + names.length) % names.length;
      onSelect(next);
      list.querySelectorAll<HTMLElement>('[role=tab]')[next]?.focus();
    }
  };
  return (
    <div class="tabs" role="tablist" aria-label={label} onKeyDown={(event) => move(event.key, event.currentTarget)}>
      {names.map((name, index) => (
        <button key={name} type="button" role="tab" aria-selected={index === selected} tabIndex={index === selected ? 0 : -1} onClick={() => onSelect(index)}>
          {name}
        </button>
      ))}
    </div>
  );
}

export function Waiting({ children }: { children: ComponentChildren }): JSX.Element {
  return (
    <div class="empty" role="status">
      <VsProgressRing style={{ margin: '0 auto 12px' }} />
      {children}
    </div>
  );
}
