"""A service in Python that verifies access tokens with the key set of the auth server alone."""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt

AUTH_URL = os.environ.get("AUTH_URL", "http://127.0.0.1:8000")
KEYS = jwt.PyJWKClient(f"{AUTH_URL}/.well-known/jwks.json", cache_keys=True, lifespan=300, timeout=5)
ALGORITHMS = ["RS256", "ES256", "EdDSA"]


def claims_of(authorization: str) -> dict:
    """The claims of a good access token; raises jwt.PyJWTError for any other."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise jwt.InvalidTokenError("no bearer token")
    key = KEYS.get_signing_key_from_jwt(token)
    claims = jwt.decode(token, key.key, algorithms=ALGORITHMS, options={"require": ["exp", "sub"]})
    # A refresh token is signed with the same key.
    if claims.get("token_use") != "access":
        raise jwt.InvalidTokenError("no access token")
    return claims


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            claims = claims_of(self.headers.get("Authorization", ""))
        except jwt.PyJWKClientConnectionError:
            self.answer(503, {"detail": "keys cannot be had"})
        except jwt.PyJWTError:
            self.answer(401, {"detail": "not authenticated"}, {"WWW-Authenticate": "Bearer"})
        else:
            self.answer(200, {"sub": claims["sub"]})

    def answer(self, status: int, body: dict, headers: dict | None = None):
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "3002"))), Handler)
    print(f"LISTENING http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
