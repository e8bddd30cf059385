import type { ComponentChildren, JSX } from 'preact';
import { Icon } from './icons.tsx';

/** The top of a panel; stays in sight. */
export function Header({ title, subtitle, children }: { title: ComponentChildren; subtitle?: ComponentChildren; children?: ComponentChildren }): JSX.Element {
  return (
    <header class="header">
      <div>
        <h1>{title}</h1>
        {subtitle === undefined ? null : <div class="subtitle">{subtitle}</div>}
      </div>
      <div class="actions">{children}</div>
    </header>
  );
}

export function Card({ title, children, id }: { title?: ComponentChildren; children: ComponentChildren; id?: string }): JSX.Element {
  return (
    <section class="card" {...(id === undefined ? {} : { id })}>
      {title === undefined ? null : <h2>{title}</h2>}
      {children}
    </section>
  );
}

export function Stat({ value, label, title }: { value: ComponentChildren; label: string; title?: string }): JSX.Element {
  return (
    <div class="stat" title={title}>
      <div class="value">{value}</div>
      <div class="label">{label}</div>
    </div>
  );
}

export type BannerKind = 'good' | 'note' | 'warning' | 'error';

const spoken: Record<BannerKind, string> = { good: 'Good: ', note: 'Note: ', warning: 'Warning: ', error: 'Error: ' };

export function Banner({ kind, children }: { kind: BannerKind; children: ComponentChildren }): JSX.Element {
  return (
    <div class={`banner ${kind}`} role={kind === 'error' ? 'alert' : undefined}>
      <Icon name={kind} />
      <div>
        <span class="sr">{spoken[kind]}</span>
        {children}
      </div>
    </div>
  );
}

export function Badge({ tone, dot, children }: { tone?: 'good' | 'bad' | 'warn' | 'accent'; dot?: boolean; children: ComponentChildren }): JSX.Element {
  return (
    <span class={`badge ${tone ?? ''}`}>
      {dot ? <span class="dot" /> : null}
      {children}
    </span>
  );
}

/** Nothing here yet, and what to do about it. */
export function Empty({ children, actions }: { children: ComponentChildren; actions?: ComponentChildren }): JSX.Element {
  return (
    <div class="empty">
      <div>{children}</div>
      {actions === undefined ? null : <div class="actions">{actions}</div>}
    </div>
  );
}

/** @param fraction 0…1; null where it is not known. */
export function Progress({ fraction, message }: { fraction: number | null; message: string }): JSX.Element {
  return (
    <div class="section">
      <div class={`progress ${fraction === null ? 'unknown' : ''}`} role="progressbar" aria-label={message} {...(fraction === null ? {} : { 'aria-valuenow': Math.round(fraction * 100), 'aria-valuemin': 0, 'aria-valuemax': 100 })}>
        <div style={fraction === null ? {} : { width: `${Math.round(fraction * 1000) / 10}%` }} />
      </div>
      <div class="muted" aria-live="polite">
        {message}
      </div>
    </div>
  );
}

/** Text in which `names` stand as code. */
export function Prose({ text }: { text: string }): JSX.Element {
  return <>{text.split('`').map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))}</>;
}
