"""What a person chose on this machine: look, keys, the companies opened last. Lost preferences lose no books."""

import contextlib
import os
from pathlib import Path

import msgspec
import platformdirs

_RECENT_MAX = 12


class RecentCompany(msgspec.Struct, frozen=True):
    """A company that was opened here: its folder, the name it had then, and when (ISO, UTC)."""

    path: str
    name: str
    opened: str


class Preferences(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The choices. `look` is system, light or dark; `keyboard` names a map; unknown fields of newer versions go."""

    folder: str = ""  # where this is kept; empty: nowhere
    look: str = "system"
    keyboard: str = "tally-prime"
    key_bar: bool = True
    recent: tuple[RecentCompany, ...] = ()
    size: tuple[int, int] = (1366, 768)

    def with_recent(self, path: Path, name: str, opened: str) -> "Preferences":
        """Return the preferences with a company at the head of the list."""
        others = tuple(kept for kept in self.recent if Path(kept.path) != path)
        return msgspec.structs.replace(self, recent=(RecentCompany(str(path), name, opened), *others)[:_RECENT_MAX])

    def without_recent(self, path: Path) -> "Preferences":
        """Return the preferences without a company; its books are not touched."""
        return msgspec.structs.replace(self, recent=tuple(kept for kept in self.recent if Path(kept.path) != path))

    def write(self) -> None:
        """Keep the preferences. A disk that refuses is no reason to stop anybody's work: nothing is raised."""
        if not self.folder:
            return
        file = Path(self.folder) / "preferences.json"
        with contextlib.suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            aside = file.with_suffix(".new")
            aside.write_bytes(msgspec.json.format(msgspec.json.encode(self)))
            os.replace(aside, file)


def read_preferences(folder: Path) -> Preferences:
    """Return what is kept in a folder; the defaults where there is nothing or nothing readable."""
    try:
        kept = msgspec.json.decode((folder / "preferences.json").read_bytes(), type=Preferences)
    except (OSError, msgspec.DecodeError):
        kept = Preferences()
    return msgspec.structs.replace(kept, folder=str(folder))


def preferences_folder() -> Path:
    """Return where this system wants the settings of a program."""
    return Path(platformdirs.user_config_dir("LedgerFlow", appauthor=False))


def companies_folder() -> Path:
    """Return where new companies are suggested to be kept."""
    return Path(platformdirs.user_documents_dir()) / "LedgerFlow"
