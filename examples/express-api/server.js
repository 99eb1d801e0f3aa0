// An API in a separate process: it verifies access tokens with the auth server's keys, and reads the feed of ended sessions.
import express from 'express';
import { jwtAuth } from 'allauth-kit/express';

const { AUTH_URL = 'http://127.0.0.1:8000', SERVICE_TOKEN, PORT = '3001' } = process.env;

const guard = jwtAuth({
  jwksUrl: `${AUTH_URL}/.well-known/jwks.json`,
  ...(SERVICE_TOKEN && { revocations: { url: `${AUTH_URL}/_allauth/revocations`, token: SERVICE_TOKEN, onStale: 'closed' } }),
  onError: (error) => console.error(error.message),
});

const app = express();
app.get('/public', (request, response) => {
  response.json({ hello: 'anybody' });
});
app.get('/me', guard, (request, response) => {
  response.json({ sub: request.auth.sub });
});

const server = app.listen(Number(PORT), '127.0.0.1', () => console.log(`LISTENING http://127.0.0.1:${server.address().port}`));
process.once('SIGTERM', () => process.exit(0));
