import { defineConfig } from 'vite';

// `npm run dev` serves the page on its own port and proxies other requests to server.js.
// With @vitejs/plugin-react components are replaced in place while you edit them.
const target = 'http://127.0.0.1:8000';

export default defineConfig({ server: { proxy: { '/_allauth': target, '/api': target } } });
