import { Fragment } from 'preact';

/** A message with commands and names between backticks, which are shown as code. */
export function Prose({ text }: { readonly text: string }) {
  return (
    <>
      {text.split('`').map((part, index, { length }) =>
        // A backtick without its counterpart is one.
        index % 2 === 1 && index < length - 1 ? (
          <code key={index}>{part}</code>
        ) : (
          <Fragment key={index}>{index % 2 === 1 ? `\`${part}` : part}</Fragment>
        ),
      )}
    </>
  );
}
