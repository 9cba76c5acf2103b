"""Keyrings as keyring knows them, in memory: what a machine is set to in a test."""

from keyring.backend import KeyringBackend


class RememberingKeyring(KeyringBackend):
    """What a store of an operating system does, in memory."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        self.secrets: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.secrets.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.secrets[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.secrets[service, username]


class SecretServiceKeyring(RememberingKeyring):
    """Named as the store of Linux desktops is."""

    __module__ = "keyring.backends.SecretService"
