"""Reads settings from one TOML file and the environment, and refuses them with everything that is wrong at once."""

import dataclasses
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ledgerflow_core.errors import InvalidInput, Problem, refuse
from ledgerflow_server.settings.kinds import Given, Wrong
from ledgerflow_server.settings.settings import Settings

PREFIX = "LEDGERFLOW_"
CONFIG = "LEDGERFLOW_CONFIG"

# Variables of the desktop and of the commands, which are no settings of the server.
_OTHERS = frozenset({"LEDGERFLOW_PASSPHRASE", "LEDGERFLOW_NEW_PASSPHRASE", "LEDGERFLOW_BENCH_VOUCHERS", CONFIG})

_FIELDS = {field.name: field for field in dataclasses.fields(Settings)}


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """One line of the table of options, for people. The value of a secret is not shown."""

    name: str
    variable: str
    value: str
    says: str


def read(environment: Mapping[str, str], config: Path | None = None) -> Settings:
    """Return the settings: a variable `LEDGERFLOW_<NAME>` goes before the file, the file before the default.

    The file is `config`, or what LEDGERFLOW_CONFIG names. Raises `InvalidInput` with every problem:
    `config-unreadable`, `unknown-setting`, `wrong-setting` (fact `wanted`), `setting-without-its-pair`.
    """
    named = environment.get(CONFIG, "")
    file = config or (Path(named) if named else None)
    given = [*(_from_file(file) if file else ()), *_from_environment(environment)]
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for place, name, value in given:
        field = _FIELDS.get(name)
        if field is None:
            problems.append(Problem("unknown-setting", place))
            continue
        try:
            values[name] = field.metadata["kind"](value)
        except Wrong as wrong:
            problems.append(Problem("wrong-setting", place, {"wanted": str(wrong)}))
    if not problems:
        problems = list(_disagreements(values))
    if problems:
        raise InvalidInput(problems)
    return Settings(**{name: value for name, value in values.items() if value is not None})


def table(settings: Settings) -> list[Line]:
    """Return every option with what it is set to, in the order of the class."""
    return [
        Line(
            field.name,
            PREFIX + field.name.upper(),
            _shown(field, getattr(settings, field.name)),
            field.metadata["says"],
        )
        for field in _FIELDS.values()
    ]


def _shown(field: "dataclasses.Field[Any]", value: object) -> str:
    if field.metadata["secret"]:
        return "(set)" if value else ""
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def _from_file(file: Path) -> Iterator[tuple[str, str, Given]]:
    try:
        document = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise refuse("config-unreadable", str(file), reason=type(error).__name__) from None
    for name, value in document.items():
        yield f"{file.name}: {name}", name, value


def _from_environment(environment: Mapping[str, str]) -> Iterator[tuple[str, str, Given]]:
    for variable in sorted(environment):
        if variable.startswith(PREFIX) and variable not in _OTHERS:
            yield variable, variable.removeprefix(PREFIX).lower(), environment[variable]


def _disagreements(values: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong with values that are right one by one."""
    if bool(values.get("certificate")) != bool(values.get("certificate_key")):
        missing = "certificate_key" if values.get("certificate") else "certificate"
        yield Problem("setting-without-its-pair", PREFIX + missing.upper())
    if values.get("json_limit", 0) > values.get("body_limit", Settings().body_limit):
        yield Problem("wrong-setting", f"{PREFIX}JSON_LIMIT", {"wanted": "at most the body limit"})
