/** Whether bytes begin with the characters of `mark`, a byte each. */
export const beginsWith = (bytes: Uint8Array, mark: string): boolean =>
  Array.from(mark).every((character, i) => bytes[i] === character.charCodeAt(0));
