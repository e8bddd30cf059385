/** A date as ISO 8601 has it, in milliseconds since 1970; without a zone it is UTC, as in files. */
export function timeOf(text: string): number {
  return Date.parse(/[T ]\d{2}:\d{2}/.test(text) && !/(Z|[-+]\d{2}:?\d{2})$/.test(text) ? `${text.replace(' ', 'T')}Z` : text);
}
