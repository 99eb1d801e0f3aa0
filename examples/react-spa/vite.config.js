import { defineConfig } from 'vite';

// `npm run dev` serves the page on a port of its own, and passes on to server.js what is not the page's.
// With @vitejs/plugin-react components are replaced in place while you edit them.
const target = 'http://127.0.0.1:8000';

export default defineConfig({ server: { proxy: { '/_allauth': target, '/api': target } } });
