"""What does each call of AuthService mean in our words, and back? One short method per RPC."""

from collections.abc import Sequence
from typing import Any

from grpc.aio import ServicerContext

from tallystick.caller import address, caller
from tallystick.identity import queries
from tallystick.identity.access_keys import AccessKeys
from tallystick.identity.accounts import Accounts
from tallystick.identity.devices import NewDevices
from tallystick.identity.erasure import Erasure
from tallystick.identity.parts import Parts
from tallystick.identity.password_changes import PasswordChanges
from tallystick.identity.sessions import Sessions
from tallystick.identity.traces import Traces
from tallystick.v1.auth_service_pb2 import (
    ChangePasswordRequest,
    ChangePasswordResponse,
    CreateAccessKeyRequest,
    CreateAccessKeyResponse,
    DeleteMeRequest,
    DeleteMeResponse,
    ForgotPasswordRequest,
    ForgotPasswordResponse,
    GetMeRequest,
    GetMeResponse,
    GetSigningKeysRequest,
    GetSigningKeysResponse,
    ListAccessKeysRequest,
    ListAccessKeysResponse,
    ListSessionsRequest,
    ListSessionsResponse,
    LoginRequest,
    LoginResponse,
    LogoutRequest,
    LogoutResponse,
    RefreshSessionRequest,
    RefreshSessionResponse,
    RegisterRequest,
    RegisterResponse,
    ResetPasswordRequest,
    ResetPasswordResponse,
    RevokeAccessKeyRequest,
    RevokeAccessKeyResponse,
    RevokeSessionRequest,
    RevokeSessionResponse,
    SendVerificationRequest,
    SendVerificationResponse,
    UpdateMeRequest,
    UpdateMeResponse,
    VerifyEmailRequest,
    VerifyEmailResponse,
)
from tallystick.v1.auth_service_pb2_grpc import AuthServiceServicer

Context = ServicerContext[Any, Any]


class AuthService(AuthServiceServicer):
    """Accounts of persons: registration, sessions, passwords and access keys."""

    def __init__(self, parts: Parts, traces: Sequence[Traces], new_devices: NewDevices) -> None:
        self._parts = parts
        self._accounts = Accounts(parts)
        self._sessions = Sessions(parts, new_devices)
        self._passwords = PasswordChanges(parts)
        self._access_keys = AccessKeys(parts)
        self.erasure = Erasure(parts, self._passwords, traces)

    async def Register(self, request: RegisterRequest, context: Context) -> RegisterResponse:
        return await self._accounts.register(request, address())

    async def Login(self, request: LoginRequest, context: Context) -> LoginResponse:
        return await self._sessions.login(request, address())

    async def RefreshSession(self, request: RefreshSessionRequest, context: Context) -> RefreshSessionResponse:
        return await self._sessions.refresh(request, address())

    async def Logout(self, request: LogoutRequest, context: Context) -> LogoutResponse:
        return await self._sessions.logout(request, caller())

    async def ForgotPassword(self, request: ForgotPasswordRequest, context: Context) -> ForgotPasswordResponse:
        return await self._passwords.forgot(request, address())

    async def ResetPassword(self, request: ResetPasswordRequest, context: Context) -> ResetPasswordResponse:
        return await self._passwords.reset(request, address())

    async def VerifyEmail(self, request: VerifyEmailRequest, context: Context) -> VerifyEmailResponse:
        return await self._accounts.verify_email(request, address())

    async def SendVerification(self, request: SendVerificationRequest, context: Context) -> SendVerificationResponse:
        return await self._accounts.send_verification(request, caller())

    async def ChangePassword(self, request: ChangePasswordRequest, context: Context) -> ChangePasswordResponse:
        return await self._passwords.change(request, caller())

    async def GetMe(self, request: GetMeRequest, context: Context) -> GetMeResponse:
        return GetMeResponse(user=await queries.get_me(self._parts.store, caller(), request))

    async def UpdateMe(self, request: UpdateMeRequest, context: Context) -> UpdateMeResponse:
        return await self._accounts.update_me(request, caller())

    async def ListSessions(self, request: ListSessionsRequest, context: Context) -> ListSessionsResponse:
        return await self._sessions.list(caller())

    async def RevokeSession(self, request: RevokeSessionRequest, context: Context) -> RevokeSessionResponse:
        return await self._sessions.revoke(request, caller())

    async def DeleteMe(self, request: DeleteMeRequest, context: Context) -> DeleteMeResponse:
        return await self.erasure.delete_me(request, caller())

    async def CreateAccessKey(self, request: CreateAccessKeyRequest, context: Context) -> CreateAccessKeyResponse:
        return await self._access_keys.create(request, caller())

    async def ListAccessKeys(self, request: ListAccessKeysRequest, context: Context) -> ListAccessKeysResponse:
        return await self._access_keys.list(caller())

    async def RevokeAccessKey(self, request: RevokeAccessKeyRequest, context: Context) -> RevokeAccessKeyResponse:
        return await self._access_keys.revoke(request, caller())

    async def GetSigningKeys(self, request: GetSigningKeysRequest, context: Context) -> GetSigningKeysResponse:
        return GetSigningKeysResponse(keys=await self._parts.signing.list_public())
