/** A key as a person can read it on one line: control characters are written out. */
export function shownKey(key: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  return key.replace(/[\u0000-\u001f\u007f]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
