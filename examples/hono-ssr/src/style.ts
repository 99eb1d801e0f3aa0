/** The style of all pages: for light and dark, phones and wide windows. */
export const STYLE = `
:root { color-scheme: light dark; --accent: light-dark(#2456c8, #8fb2ff); --wrong: light-dark(#b3261e, #ff9a92); font: 16px/1.5 system-ui, sans-serif }
* { box-sizing: border-box }
body { margin: 0; background: light-dark(#f5f6f8, #14161a); color: light-dark(#1b1f26, #e8eaee) }
main { width: min(26rem, 100% - 2rem); margin: max(1rem, 10vh) auto; padding: 1.5rem; border-radius: 12px; background: light-dark(#fff, #1d2026) }
h1 { margin: 0 0 1rem; font-size: 1.5rem }
h1, .quiet { overflow-wrap: anywhere }
label { display: block; font-weight: 600 }
input, button { width: 100%; min-height: 44px; padding: .5rem .75rem; border: 1px solid light-dark(#767e8c, #808896); border-radius: 8px;
  background: transparent; color: inherit; font: inherit }
button { font-weight: 600; cursor: pointer }
button.primary { border-color: var(--accent); background: var(--accent); color: light-dark(#fff, #10131a) }
form { margin-bottom: 1rem }
.field { margin-bottom: 1rem }
.error { margin: .25rem 0 0; color: var(--wrong) }
[aria-invalid] { border-color: var(--wrong) }
.quiet { color: light-dark(#5a6270, #a2a9b6) }
a { color: var(--accent) }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
`;
