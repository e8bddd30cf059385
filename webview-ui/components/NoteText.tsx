import type { ComponentChildren, JSX } from 'preact';

/** A person's text with a little of Markdown: paragraphs, lists, **bold**, `code`, links. Everything else stands as it was written. */
export function NoteText({ text }: { text: string }): JSX.Element {
  const blocks = text.split(/\n\s*\n/).filter((block) => block.trim() !== '');
  return (
    <div class="notetext">
      {blocks.map((block, index) => (
        <Block key={index} lines={block.split('\n')} />
      ))}
    </div>
  );
}

function Block({ lines }: { lines: string[] }): JSX.Element {
  if (lines.every((line) => /^\s*[-*] /.test(line))) {
    return (
      <ul>
        {lines.map((line, index) => (
          <li key={index}>{inline(line.replace(/^\s*[-*] /, ''))}</li>
        ))}
      </ul>
    );
  }
  return (
    <p>
      {lines.map((line, index) => (
        <>
          {index === 0 ? null : <br />}
          {inline(line)}
        </>
      ))}
    </p>
  );
}

const pieces = /(\*\*[^*]+\*\*|`[^`]+`|\[[^\]]+\]\(https?:\/\/[^\s)]+\)|https?:\/\/[^\s)>]+)/;

function inline(line: string): ComponentChildren {
  return line.split(pieces).map((piece, index) => {
    if (index % 2 === 0) {
      return piece;
    }
    if (piece.startsWith('**')) {
      return <strong key={index}>{piece.slice(2, -2)}</strong>;
    }
    if (piece.startsWith('`')) {
      return <code key={index}>{piece.slice(1, -1)}</code>;
    }
    const [, label = piece, address = piece] = /^\[([^\]]+)\]\(([^)]+)\)$/.exec(piece) ?? [];
    return (
      <a key={index} href={address}>
        {label}
      </a>
    );
  });
}
