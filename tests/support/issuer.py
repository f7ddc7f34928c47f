"""An OpenID Connect provider of our own, as a process: `python -m tests.support.issuer`.

It signs everybody in who comes, as whom the test says, and follows the protocol strictly: a code is
good once, for one client, redirect and PKCE verifier. What a test wants it to get wrong, it is told
by POST /misbehave.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "souk-client", "souk-client-secret"
PERSON = {
    "sub": "person-1", "email": "ada@example.com", "email_verified": True,
    "given_name": "Ada", "family_name": "Lovelace",
}  # fmt: skip


class Issuer(BaseHTTPRequestHandler):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    other_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    codes: ClassVar[dict[str, dict[str, str]]] = {}
    wrong: ClassVar[dict[str, Any]] = {}

    @property
    def address(self) -> str:
        host, port = self.server.server_address[:2]
        return f"http://{host!s}:{port}"

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/.well-known/openid-configuration":
            self._say(
                {
                    "issuer": self.wrong.get("issuer_says", self.address),
                    "authorization_endpoint": f"{self.address}/authorize",
                    "token_endpoint": f"{self.address}/token",
                    "jwks_uri": f"{self.address}/keys",
                }
            )
        elif path == "/keys":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
            self._say({"keys": [public | {"kid": "1", "use": "sig", "alg": "RS256"}]})
        elif path == "/authorize":
            self._authorize({k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()})
        else:
            self._say({}, 404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        if self.path == "/misbehave":
            Issuer.wrong = json.loads(body)
            self._say({})
        elif self.path == "/token":
            self._token({k: v[0] for k, v in parse_qs(body).items()})
        else:
            self._say({}, 404)

    def _authorize(self, asked: dict[str, str]) -> None:
        right = asked["response_type"] == "code" and asked["client_id"] == CLIENT
        if not right or asked.get("code_challenge_method") != "S256" or "nonce" not in asked:
            self._say({"error": "invalid_request"}, 400)
            return
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        back = {"code": code, "state": asked["state"], "session_state": "x", "scope": "openid"}
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{urlencode(back)}")
        self.end_headers()

    def _token(self, form: dict[str, str]) -> None:
        asked = self.codes.pop(form["code"], {})
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        right = (
            asked.get("redirect_uri") == form["redirect_uri"]
            and form["client_id"] == CLIENT
            and form["client_secret"] == SECRET
            and asked["code_challenge"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        )
        if not right:
            self._say({"error": "invalid_grant"}, 400)
            return
        now = int(time.time())
        claims = PERSON | {
            "iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 300,
            "nonce": asked["nonce"],
        } | self.wrong.get("claims", {})  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        key: Any = self.other_key if self.wrong.get("is_forged") else self.key
        algorithm = self.wrong.get("alg", "RS256")
        if algorithm == "HS256":
            key = SECRET + "-that-is-long-enough-for-hs256"
        if algorithm == "none":
            key = None
        token = jwt.encode(claims, key, algorithm=algorithm, headers={"kid": "1"})
        self._say({"access_token": "at", "token_type": "Bearer", "id_token": token})

    def _say(self, what: Any, status: int = 200) -> None:
        body = json.dumps(what).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing: tests print enough."""


def main() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Issuer)
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    threading.Thread(target=_end_with_the_test, daemon=True).start()
    server.serve_forever()


def _end_with_the_test() -> None:
    sys.stdin.read()  # until whoever started us is gone
    os._exit(0)


if __name__ == "__main__":
    main()
