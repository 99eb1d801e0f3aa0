"""A service in Python that verifies access tokens with the key set of the auth server alone."""

import json
import os
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt

AUTH_URL = os.environ.get("AUTH_URL", "http://127.0.0.1:8000")
# Those of HEADLESS_JWT_ISSUER and HEADLESS_JWT_AUDIENCE, where the server has them.
ISSUER = os.environ.get("ISSUER")
AUDIENCE = os.environ.get("AUDIENCE")
ALGORITHMS = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}


class KeysUnavailable(Exception):
    """No key set could be had yet: nothing can be verified."""


class KeySet:
    """The server's public keys, fetched again when they are old, or when a token names an unknown one.
    Made-up names cost one request in `PAUSE` seconds, however many come."""

    # Seconds.
    LIFE = 300
    PAUSE = 10

    def __init__(self, url: str):
        self.url = url
        self.keys: "dict[str, tuple]" = {}
        self.fetched = self.tried = float("-inf")
        self.lock = threading.Lock()

    def find(self, kid: str) -> "tuple | None":
        """The algorithm and the key of this name; None where there is none."""
        with self.lock:
            now = time.monotonic()
            if (kid not in self.keys or now - self.fetched > self.LIFE) and now - self.tried > self.PAUSE:
                self.tried = now
                try:
                    self.keys = self.fetch()
                    self.fetched = now
                except Exception as error:  # the keys that are known go on serving
                    print(f"The keys cannot be had: {error}", file=sys.stderr)
            if not self.keys:
                raise KeysUnavailable
            return self.keys.get(kid)

    def fetch(self) -> "dict[str, tuple]":
        with urllib.request.urlopen(self.url, timeout=5) as response:
            keys = json.loads(response.read(512 * 1024))["keys"]
        return {key["kid"]: (key["alg"], jwt.PyJWK(key).key) for key in keys if key.get("alg") in ALGORITHMS}


KEYS = KeySet(f"{AUTH_URL}/.well-known/jwks.json")


def claims_of(authorization: str) -> dict:
    """The claims of a good access token; raises jwt.PyJWTError for any other."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise jwt.InvalidTokenError("no bearer token")
    found = KEYS.find(str(jwt.get_unverified_header(token).get("kid")))
    if not found:
        raise jwt.InvalidTokenError("an unknown key")
    # Each key serves for the one algorithm that it is published for, whatever the token says.
    algorithm, key = found
    claims = jwt.decode(token, key, algorithms=[algorithm], issuer=ISSUER, audience=AUDIENCE, options={"require": ["exp", "sub"]})
    # A refresh token is signed with the same key.
    if claims.get("token_use") != "access":
        raise jwt.InvalidTokenError("no access token")
    return claims


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            claims = claims_of(self.headers.get("Authorization", ""))
        except KeysUnavailable:
            self.answer(503, {"detail": "keys cannot be had"}, {"Retry-After": str(KeySet.PAUSE)})
        except jwt.PyJWTError:
            self.answer(401, {"detail": "not authenticated"}, {"WWW-Authenticate": "Bearer"})
        else:
            self.answer(200, {"sub": claims["sub"]})

    def answer(self, status: int, body: dict, headers: "dict | None" = None):
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
