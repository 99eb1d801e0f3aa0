import { render } from 'preact';
import { App } from './app.tsx';
import { startLanguage } from './state/language.ts';
import './styles/base.css';
import './styles/shell.css';
import './styles/parts.css';
import './styles/pages.css';

const root = document.getElementById('app');
if (root) void startLanguage().then(() => render(<App />, root));
