/** The line, counted from 1, on which a text stops being valid JSON. JSON.parse reports the position of only some errors. */
export function jsonFaultLine(text: string): number {
  let good = 0;
  let bad = text.length;
  // Cutting off the text after the error does not change the error; cutting before it gives an unexpected end.
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (endsTooEarly(text.slice(0, middle))) good = middle;
    else bad = middle;
  }
  return text.slice(0, bad).split('\n').length;
}

function endsTooEarly(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    const position = /at position (\d+)/.exec(message)?.[1];
    return /end of JSON|Unterminated/i.test(message) || Number(position) >= text.trimEnd().length;
  }
}
