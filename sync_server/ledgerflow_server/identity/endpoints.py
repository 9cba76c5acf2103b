"""Signing in, one's own account, and the users of a tenant."""

from collections.abc import Callable
from dataclasses import replace

from fastapi import APIRouter, Request
from starlette.responses import Response

from ledgerflow_server.edge.shapes import Uuid
from ledgerflow_server.identity.access import Access, Asker
from ledgerflow_server.identity.own_account import Asking, OwnAccount
from ledgerflow_server.identity.people import NewUser, People
from ledgerflow_server.identity.repository import User
from ledgerflow_server.identity.schemas import (
    CodeBody,
    MeAnswer,
    NewUserBody,
    OwnPasswordBody,
    PasswordBody,
    RecoveryAnswer,
    RefreshBody,
    SessionAnswer,
    SignInBody,
    TotpAnswer,
    UserChangesBody,
    UserLine,
)
from ledgerflow_server.identity.signing_in import SignedIn, SignIn, SigningIn

AddressOf = Callable[[Request], str]


def signing_in(service: SigningIn, access: Access, address_of: AddressOf, expires_in: int) -> APIRouter:
    """Return how people begin and end sessions. `expires_in` is the life of an access token in seconds."""
    router = APIRouter(prefix="/v1/sessions", tags=["people"])

    def answer(done: SignedIn) -> SessionAnswer:
        return SessionAnswer(
            access_token=done.access_token,
            expires_in=expires_in,
            refresh_token=done.refresh_token,
            user=line_of(done.user),
        )

    @router.post("", status_code=201)
    async def sign_in(body: SignInBody, request: Request) -> SessionAnswer:
        """Sign in; whatever is wrong, the refusal is the same. A password from somebody else needs a `new_password`."""
        given = SignIn(body.tenant, body.login, body.password, body.code, address_of(request), body.new_password)
        return answer(await service.sign_in(given))

    @router.post("/refresh")
    async def refresh_session(body: RefreshBody) -> SessionAnswer:
        """Go on with a session. The token given is used up; one that comes twice ends the session."""
        return answer(await service.refresh(body.refresh_token))

    @router.delete("", status_code=204, response_class=Response)
    async def sign_out(asker: Asker, request: Request) -> Response:
        """End this session."""
        await service.sign_out(asker, access.session_id(request))
        return Response(status_code=204)

    return router


def own_account(account: OwnAccount, people: People, access: Access, address_of: AddressOf) -> APIRouter:
    """Return what people do with their own account."""
    router = APIRouter(prefix="/v1/me", tags=["people"])

    def asking(request: Request, asker: Asker) -> Asking:
        return Asking(asker, access.session_id(request), address_of(request))

    @router.get("")
    async def who_am_i(asker: Asker) -> MeAnswer:
        """Say who is signed in."""
        user, second_factor = await people.me(asker)
        return MeAnswer(**line_of(user).model_dump(), second_factor=second_factor)

    @router.put("/password", status_code=204, response_class=Response)
    async def change_password(body: OwnPasswordBody, asker: Asker, request: Request) -> Response:
        """Change one's password; the other sessions end."""
        await account.change_password(asking(request, asker), body.old, body.new)
        return Response(status_code=204)

    @router.post("/totp", status_code=201)
    async def begin_totp(asker: Asker, request: Request) -> TotpAnswer:
        """Begin to use a second factor."""
        return TotpAnswer(uri=await account.begin_totp(asking(request, asker)))

    @router.post("/totp/confirmation")
    async def confirm_totp(body: CodeBody, asker: Asker, request: Request) -> RecoveryAnswer:
        """Turn the second factor on with its first code."""
        return RecoveryAnswer(recovery_codes=await account.confirm_totp(asking(request, asker), body.code))

    @router.post("/totp/removal", status_code=204, response_class=Response)
    async def remove_totp(body: CodeBody, asker: Asker, request: Request) -> Response:
        """Turn the second factor off with a code of it."""
        await account.remove_totp(asking(request, asker), body.code)
        return Response(status_code=204)

    return router


def managing_people(people: People) -> APIRouter:
    """Return what owners and admins do with the users of their tenant."""
    router = APIRouter(prefix="/v1/users", tags=["people"])

    @router.get("")
    async def list_users(asker: Asker) -> list[UserLine]:
        """List the users."""
        return [line_of(user) for user in await people.all(asker)]

    @router.post("", status_code=201)
    async def create_user(body: NewUserBody, asker: Asker) -> UserLine:
        """Make a user. A login exists once, so that a repetition makes no second one."""
        companies = _numbers(body.companies)
        return line_of(await people.create(asker, NewUser(body.login, body.name, body.role, companies, body.password)))

    @router.patch("/{user}")
    async def change_user(user: Uuid, body: UserChangesBody, asker: Asker) -> UserLine:
        """Change a user. `companies` null gives all of them."""
        return line_of(await people.change(asker, user, lambda known: edited(known, body)))

    @router.put("/{user}/password", status_code=204, response_class=Response)
    async def reset_password(user: Uuid, body: PasswordBody, asker: Asker) -> Response:
        """Give a user a new password."""
        await people.reset_password(asker, user, body.password)
        return Response(status_code=204)

    @router.delete("/{user}/totp", status_code=204, response_class=Response)
    async def remove_second_factor(user: Uuid, asker: Asker) -> Response:
        """Turn off the second factor of a user who lost it."""
        await people.remove_second_factor(asker, user)
        return Response(status_code=204)

    return router


def edited(user: User, body: UserChangesBody) -> User:
    """Return a user with what a request changes. Only `companies` may be null, which gives all of them."""
    return replace(
        user,
        name=body.name or user.name,
        role=body.role or user.role,
        state=body.state or user.state,
        companies=_numbers(body.companies) if "companies" in body.model_fields_set else user.companies,
    )


def _numbers(companies: list[int] | None) -> tuple[int, ...] | None:
    return None if companies is None else tuple(sorted(set(companies)))


def line_of(user: User) -> UserLine:
    """Return a user as shown."""
    return UserLine(
        id=user.public_id,
        login=user.login,
        name=user.name,
        role=user.role,
        state=user.state,
        companies=None if user.companies is None else list(user.companies),
    )
