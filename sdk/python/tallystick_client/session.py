"""Who calls? Whoever signed in, with a token that is renewed before and when it stops working, by one thread for all."""

import threading
import time
from contextlib import suppress
from dataclasses import replace

from tallystick_client.calls import call_plainly
from tallystick_client.errors import DeadlineExceeded, FailedPrecondition, Unauthenticated, Unavailable
from tallystick_client.ids import new_id
from tallystick_client.retrying import Retries
from tallystick_client.tokens import Tokens, TokenStore
from tallystick_client.v1.auth_service_pb2 import (
    LoginRequest,
    LoginResponse,
    LogoutRequest,
    RefreshSessionRequest,
)
from tallystick_client.v1.auth_service_pb2_grpc import AuthServiceStub
from tallystick_client.v1.identity_pb2 import SessionTokens

# A token that is this near to its end is renewed before it is used.
_MARGIN_S = 30


class Session:
    """The tokens of whoever is signed in, and how they are renewed."""

    def __init__(self, store: TokenStore, auth: AuthServiceStub, retries: Retries, timeout_s: float) -> None:
        self._store = store
        self._auth = auth
        self._retries = retries
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._tokens = store.load()
        self._renew_at = _renew_at(self._tokens)

    @property
    def tokens(self) -> Tokens:
        return self._tokens

    def sign_in(self, email: str, password: str, device_name: str) -> LoginResponse:
        with self._lock, self._store.turn():
            known = self._store.load()
            request = LoginRequest(
                request_id=new_id(),
                email=email,
                password=password,
                device_name=device_name,
                device_token=known.device_token,
            )
            answer = call_plainly(self._auth.Login, request, self._retries, self._timeout_s)
            device_token = answer.device_token or known.device_token
            self._keep(_compose(answer.tokens, Tokens(user_id=answer.user.id, device_token=device_token)))
            return answer

    def sign_out(self) -> None:
        with self._lock, self._store.turn():
            tokens = self._store.load()
            if tokens.access_token:
                caller = (("authorization", f"Bearer {tokens.access_token}"),)
                request = LogoutRequest(request_id=new_id())
                # It may have ended before.
                with suppress(Unauthenticated):
                    call_plainly(self._auth.Logout, request, self._retries, self._timeout_s, caller)
            self._keep(Tokens(device_token=tokens.device_token))

    def access_token(self) -> str:
        """The token to call with; empty when nobody is signed in."""
        tokens = self._tokens
        if not tokens.refresh_token or time.time() < self._renew_at:
            return tokens.access_token
        try:
            return self.refresh(tokens.access_token)
        except (Unavailable, DeadlineExceeded):
            # The old one may still do.
            return tokens.access_token

    def refresh(self, rejected: str) -> str:
        """Another token than the one that does not work any more. All threads and processes that ask meanwhile get the same."""
        with self._lock, self._store.turn():
            tokens = self._store.load()
            if tokens.access_token != rejected and tokens.access_token:
                self._adopt(tokens)
                return tokens.access_token
            if not tokens.refresh_token:
                raise Unauthenticated("nobody is signed in", reason="NOT_SIGNED_IN")
            if not tokens.refresh_request_id:
                # Kept before it is sent: the answer may be lost with this process.
                tokens = replace(tokens, refresh_request_id=new_id())
                self._store.save(tokens)
            request = RefreshSessionRequest(request_id=tokens.refresh_request_id, refresh_token=tokens.refresh_token)
            try:
                answer = call_plainly(self._auth.RefreshSession, request, self._retries, self._timeout_s)
            except (Unauthenticated, FailedPrecondition) as error:
                # The session has ended, or the answer came too late to be asked for again. Only a server of ours knows.
                if error.reason is not None:
                    self._keep(Tokens(device_token=tokens.device_token))
                raise
            self._keep(_compose(answer.tokens, tokens))
            return answer.tokens.access_token

    def _keep(self, tokens: Tokens) -> None:
        self._store.save(tokens)
        self._adopt(tokens)

    def _adopt(self, tokens: Tokens) -> None:
        """Tokens that have just been made, here or by another process."""
        self._tokens = tokens
        # By a clock that is far ahead every token has expired when it comes: then only the server's word counts.
        renew_at = _renew_at(tokens)
        self._renew_at = renew_at if renew_at > time.time() else float("inf")


def _renew_at(tokens: Tokens) -> float:
    return tokens.access_expires_at - _MARGIN_S


def _compose(fresh: SessionTokens, known: Tokens) -> Tokens:
    return Tokens(
        access_token=fresh.access_token,
        access_expires_at=fresh.access_expires_at.seconds,
        refresh_token=fresh.refresh_token,
        session_id=fresh.session_id,
        user_id=known.user_id,
        device_token=known.device_token,
    )
