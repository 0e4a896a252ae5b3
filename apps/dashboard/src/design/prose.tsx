import { Fragment } from 'preact';

/** A message in which text between backticks is shown as code. */
export function Prose({ text }: { readonly text: string }) {
  return (
    <>
      {text.split('`').map((part, index, { length }) =>
        // An unpaired backtick is shown literally.
        index % 2 === 1 && index < length - 1 ? (
          <code key={index}>{part}</code>
        ) : (
          <Fragment key={index}>{index % 2 === 1 ? `\`${part}` : part}</Fragment>
        ),
      )}
    </>
  );
}
