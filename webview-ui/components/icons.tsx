import type { JSX } from 'preact';

const paths = {
  good: 'M6.5 11.6 3 8.1l.9-.9 2.6 2.6 5.6-5.6.9.9z',
  note: 'M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zm0 1.1a5.4 5.4 0 1 0 0 10.8A5.4 5.4 0 0 0 8 2.6zM7.4 7h1.2v4.5H7.4zm0-2.5h1.2v1.3H7.4z',
  warning: 'M8 1.8 15 14H1zm0 2.3L2.9 12.9h10.2zM7.4 7h1.2v3.2H7.4zm0 4h1.2v1.2H7.4z',
  error: 'M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zm0 1.1a5.4 5.4 0 1 0 0 10.8A5.4 5.4 0 0 0 8 2.6zm-2 2.6 2 2 2-2 .8.8-2 2 2 2-.8.8-2-2-2 2-.8-.8 2-2-2-2z',
  right: 'M6 3.5 10.5 8 6 12.5l-.8-.8L8.9 8 5.2 4.3z',
  down: 'M3.5 6 8 10.5 12.5 6l-.8-.8L8 8.9 4.3 5.2z',
} as const;

/** A small picture in the colour of the text around it. It says nothing that the text beside it does not. */
export function Icon({ name }: { name: keyof typeof paths }): JSX.Element {
  return (
    <svg class="icon" width="16" height="16" viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">
      <path d={paths[name]} fill-rule="evenodd" />
    </svg>
  );
}
