"""Requests and answers about people, as they travel."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from ledgerflow_core.sync.roles import Role
from ledgerflow_server.edge.shapes import Answer, Body, Title, Uuid

_Login = Annotated[str, StringConstraints(pattern=r"^[^\s\x00-\x1f\x7f]{1,100}$")]
_Password = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_Code = Annotated[str, StringConstraints(max_length=30)]
# JSON has texts and lists where we have roles and tuples.
_Role = Annotated[Role, Field(strict=False)]
_Number = Annotated[int, Field(ge=1, le=2**31 - 1)]
_Companies = Annotated[list[_Number], Field(max_length=1000)]


class SignInBody(Body):
    """Who signs in to which tenant; `code` of the second factor, or a recovery code, where one is on.

    `new_password` takes the place of a password that somebody else gave, which opens nothing else.
    """

    tenant: Uuid
    login: _Login
    password: _Password
    code: _Code = ""
    new_password: _Password | None = None


class RefreshBody(Body):
    """The refresh token last given."""

    refresh_token: Annotated[str, StringConstraints(max_length=100)]


class UserLine(Answer):
    """A user. `companies` null means all."""

    id: str
    login: str
    name: str
    role: str
    state: str
    companies: list[int] | None


class SessionAnswer(Answer):
    """A session: the access token lives `expires_in` seconds, the refresh token is for one use."""

    access_token: str
    expires_in: int
    refresh_token: str
    user: UserLine


class MeAnswer(UserLine):
    """The person who asks."""

    second_factor: bool


class NewUserBody(Body):
    """A user to be made, with a first password."""

    login: _Login
    name: Title
    role: _Role
    companies: _Companies | None = None
    password: _Password


class UserChangesBody(Body):
    """What is to be different; what is left out stays."""

    name: Title | None = None
    role: _Role | None = None
    state: Literal["active", "disabled"] | None = None
    companies: _Companies | None = None


class PasswordBody(Body):
    """A new password for somebody."""

    password: _Password


class OwnPasswordBody(Body):
    """A new password of one's own."""

    old: _Password
    new: _Password


class CodeBody(Body):
    """A code of the second factor."""

    code: _Code


class TotpAnswer(Answer):
    """What a phone scans."""

    uri: str


class RecoveryAnswer(Answer):
    """Codes for a lost phone, each for one use, shown this once."""

    recovery_codes: list[str]
