/** The line, from 1, on which a text ceases to be JSON. JSON.parse tells the place of some faults only. */
export function jsonFaultLine(text: string): number {
  let good = 0;
  let bad = text.length;
  // What is cut off behind the fault changes nothing; what is cut off before it ends too early.
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
