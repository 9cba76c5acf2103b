"""Settings are read from variables and one file, and refused with everything that is wrong."""

from pathlib import Path

import pytest

from ledgerflow_core.errors import InvalidInput
from ledgerflow_server.settings import reading
from ledgerflow_server.settings.reading import read


def problems_of(environment: dict[str, str], config: Path | None = None) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as caught:
        read(environment, config)
    return [(problem.code, problem.place) for problem in caught.value.problems]


def test_nothing_said_means_the_defaults() -> None:
    settings = read({"PATH": "/bin", "LEDGERFLOW_PASSPHRASE": "of the desktop"})
    assert (settings.port, settings.body_limit, settings.json_depth, settings.token_minutes) == (8443, 8388608, 16, 10)
    assert settings.database_url == ""
    assert settings.data_folder.name == "ledgerflow-server"


def test_a_variable_goes_before_the_file_and_the_file_before_the_default(tmp_path: Path) -> None:
    file = tmp_path / "server.toml"
    file.write_text('port = 9000\nhost = "127.0.0.1"\ntrusted_proxies = ["10.0.0.0/8"]\nmetrics = false\n')
    settings = read({"LEDGERFLOW_PORT": "9001", "LEDGERFLOW_CONFIG": str(file)})
    assert (settings.port, settings.host) == (9001, "127.0.0.1")
    assert settings.trusted_proxies == ("10.0.0.0/8",)
    assert settings.metrics is False


def test_every_problem_is_named_with_its_place_at_once(tmp_path: Path) -> None:
    file = tmp_path / "server.toml"
    file.write_text('prot = 9000\nprocesses = "many"\n')
    environment = {
        "LEDGERFLOW_PORT": "90000",
        "LEDGERFLOW_RATE_DEVICE": "fast",
        "LEDGERFLOW_METRICS": "perhaps",
        "LEDGERFLOW_TRUSTED_PROXIES": "10.0.0.0/99",
        "LEDGERFLOW_DATABASE_URL": "mysql://nowhere",
        "LEDGERFLOW_POTR": "1",
    }
    assert problems_of(environment, file) == [
        ("unknown-setting", "server.toml: prot"),
        ("wrong-setting", "server.toml: processes"),
        ("wrong-setting", "LEDGERFLOW_DATABASE_URL"),
        ("wrong-setting", "LEDGERFLOW_METRICS"),
        ("wrong-setting", "LEDGERFLOW_PORT"),
        ("unknown-setting", "LEDGERFLOW_POTR"),
        ("wrong-setting", "LEDGERFLOW_RATE_DEVICE"),
        ("wrong-setting", "LEDGERFLOW_TRUSTED_PROXIES"),
    ]


def test_a_certificate_without_its_key_is_refused() -> None:
    assert problems_of({"LEDGERFLOW_CERTIFICATE": "/etc/ssl/server.pem"}) == [
        ("setting-without-its-pair", "LEDGERFLOW_CERTIFICATE_KEY")
    ]


def test_a_true_number_is_no_port(tmp_path: Path) -> None:
    file = tmp_path / "server.toml"
    file.write_text("port = true\n")
    assert problems_of({}, file) == [("wrong-setting", "server.toml: port")]


@pytest.mark.parametrize("content", [b"port = ", b"\xff\xfe"])
def test_a_file_that_is_no_toml_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "server.toml"
    file.write_bytes(content)
    assert problems_of({}, file) == [("config-unreadable", str(file))]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert problems_of({}, tmp_path / "none.toml") == [("config-unreadable", str(tmp_path / "none.toml"))]


def test_the_table_names_every_option_and_shows_no_secret() -> None:
    url = "postgresql://lf:hunter2@db/ledgerflow"
    lines = {line.name: line for line in reading.table(read({"LEDGERFLOW_DATABASE_URL": url}))}
    assert lines["database_url"].value == "(set)"
    assert lines["port"].variable == "LEDGERFLOW_PORT"
    assert lines["port"].value == "8443"
    assert all(line.says for line in lines.values())
    assert "hunter2" not in str(list(lines.values()))


def test_what_the_table_shows_can_be_read_back() -> None:
    settings = read({"LEDGERFLOW_TRUSTED_PROXIES": "10.0.0.0/8, fd00::/8", "LEDGERFLOW_DOCS": "yes"})
    shown = {line.variable: line.value for line in reading.table(settings)}
    assert read(shown) == settings
