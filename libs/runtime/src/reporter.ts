/** Takes one line of progress or one reason at a time; the caller decides where it is shown. */
export type Reporter = (line: string) => void;
