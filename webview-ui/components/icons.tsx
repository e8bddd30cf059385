import type { JSX } from 'preact';

const paths = {
  good: 'M6.5 11.6 3 8.1l.9-.9 2.6 2.6 5.6-5.6.9.9z',
  note: 'M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zm0 1.1a5.4 5.4 0 1 0 0 10.8A5.4 5.4 0 0 0 8 2.6zM7.4 7h1.2v4.5H7.4zm0-2.5h1.2v1.3H7.4z',
  warning: 'M8 1.8 15 14H1zm0 2.3L2.9 12.9h10.2zM7.4 7h1.2v3.2H7.4zm0 4h1.2v1.2H7.4z',
  error: 'M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zm0 1.1a5.4 5.4 0 1 0 0 10.8A5.4 5.4 0 0 0 8 2.6zm-2 2.6 2 2 2-2 .8.8-2 2 2 2-.8.8-2-2-2 2-.8-.8 2-2-2-2z',
  right: 'M6 3.5 10.5 8 6 12.5l-.8-.8L8.9 8 5.2 4.3z',
  remove: 'M8 7.2 12.2 3l.8.8L8.8 8l4.2 4.2-.8.8L8 8.8 3.8 13l-.8-.8L7.2 8 3 3.8l.8-.8z',
  down: 'M3.5 6 8 10.5 12.5 6l-.8-.8L8 8.9 4.3 5.2z',
  up: 'M8 2.4 13 7.4l-.9.9-3.5-3.5V14H7.4V4.8L3.9 8.3 3 7.4z',
  keep: 'M8 1.4 13.5 3.6v4c0 3.2-2.2 5.8-5.5 7-3.3-1.2-5.5-3.8-5.5-7v-4zm0 1.3L3.7 4.4v3.2c0 2.6 1.7 4.7 4.3 5.8 2.6-1.1 4.3-3.2 4.3-5.8V4.4z',
  question: 'M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zm0 1.1a5.4 5.4 0 1 0 0 10.8A5.4 5.4 0 0 0 8 2.6zM7.4 10.9h1.2v1.2H7.4zM8 4.1c1.4 0 2.4.9 2.4 2.1 0 .9-.5 1.4-1.1 1.9-.5.4-.7.6-.7 1.1v.5H7.4v-.6c0-.9.5-1.4 1.1-1.9.5-.4.7-.6.7-1 0-.6-.5-1-1.2-1s-1.2.4-1.3 1.1l-1.1-.2c.2-1.2 1.1-2 2.4-2z',
  waiting: 'M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zm0 1.1a5.4 5.4 0 1 0 0 10.8A5.4 5.4 0 0 0 8 2.6zM7.4 4.4h1.2v3.3l2.3 2.3-.8.8L7.4 8.2z',
  running: 'M8 1.5a6.5 6.5 0 1 0 6.5 6.5h-1.1A5.4 5.4 0 1 1 8 2.6z',
  skipped: 'M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zm0 1.1a5.4 5.4 0 1 0 0 10.8A5.4 5.4 0 0 0 8 2.6zM5 7.4h6v1.2H5z',
} as const;

export type IconName = keyof typeof paths;

/** A small picture in the colour of the text around it. It says nothing that the text beside it does not. */
export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class="icon" width="16" height="16" viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">
      <path d={paths[name]} fill-rule="evenodd" />
    </svg>
  );
}
