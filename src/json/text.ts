/** The value that a JSON text stands for, or the text itself where it is not JSON. */
export function parsedText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
