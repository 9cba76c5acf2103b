"""Beside which field a refusal is said where a server is named: the same on both pages that ask for one."""

import pytest

from ledgerflow_desktop.screens.companies.state import field_of_joining
from ledgerflow_desktop.screens.sync.state import is_about_address


@pytest.mark.parametrize(
    "code", ["bad-address", "address-insecure", "no-answer", "authority-differs", "address-has-path"]
)
def test_what_is_wrong_with_the_address_is_said_beside_it(code: str) -> None:
    assert field_of_joining(code) == "url" and is_about_address(code)


@pytest.mark.parametrize("code", ["bad-code", "code-without-fingerprint", "code-used", "code-expired", "company-empty"])
def test_what_is_wrong_with_the_code_is_said_beside_it(code: str) -> None:
    assert field_of_joining(code) == "code" and not is_about_address(code)
