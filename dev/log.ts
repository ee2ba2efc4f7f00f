/** Where a stand-in says, in one line at a time, what it does; it never carries a secret. */
export type Log = (line: string) => void;

/** Says nothing: for callers that do not care. */
export const silent: Log = () => undefined;
