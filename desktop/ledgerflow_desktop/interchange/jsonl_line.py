"""One line of the neutral format, with everything that can be wrong with it named by a code."""

import json
import re
from functools import cache
from typing import Any, get_args, get_origin

import msgspec

from ledgerflow_core.errors import InvalidInput, refuse
from ledgerflow_desktop.interchange.records import (
    AccountRecord,
    CompanyRecord,
    CostCategoryRecord,
    CostCentreRecord,
    CurrencyRecord,
    GroupRecord,
    NotImported,
    Record,
    VoucherRecord,
    VoucherTypeRecord,
)

_TYPE_BY_KIND: dict[str, type[Record]] = {
    "company": CompanyRecord,
    "group": GroupRecord,
    "currency": CurrencyRecord,
    "cost-category": CostCategoryRecord,
    "cost-centre": CostCentreRecord,
    "voucher-type": VoucherTypeRecord,
    "not-imported": NotImported,
}
KIND_BY_TYPE = {record_type: kind for kind, record_type in _TYPE_BY_KIND.items()}

_voucher = msgspec.json.Decoder(VoucherRecord)
_anything = msgspec.json.Decoder()
_encode = msgspec.json.Encoder().encode

_SAID = re.compile(r"(?P<what>.*?)(?: - at `\$\.?(?P<place>.*)`)?", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(.*)`")


def holds_voucher(line: bytes) -> bool:
    """Whether a line is a voucher's: its outermost object has ``entries``. A line that is no JSON is not."""
    # A text cannot hold these: its quotes would be escaped. The rest is rare enough to be decoded.
    if b'"entries":[' in line or b'"entries": [' in line:
        return True
    return (b'"entries"' in line or b"\\u" in line) and _has_entries(line)


def is_doubtful(given: bytes, encoded: bytes) -> bool:
    """Whether lines might hold a key twice, a key unknown to the records, or a NUL; `encoded` is what was understood.

    The decoder passes over all of these. Every key and text has two quotes, so if as many come out as went
    in, nothing was passed over; explicit defaults come out as fewer and are looked at closely (`parse_line`).
    A quote or a NUL can also be spelled as ``\\u00..``: then counting proves nothing.
    """
    return given.count(b'"') != encoded.count(b'"') or (b"\\" in given and b"\\u00" in given)


def parse_line(line: bytes) -> Record | None:
    """Return the record of a line, None for a blank one; refuse anything else, the field as the place."""
    if holds_voucher(line):
        try:
            voucher = _voucher.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            _object(line)
            raise _refusal(error) from None
        if is_doubtful(line, _encode(voucher)):
            _check_fields(_object(line), VoucherRecord, "")
        return voucher
    if not line.strip():
        return None
    return _master(_object(line))


def _master(given: dict[str, Any]) -> Record:
    kind = given.get("kind")
    if ("group" in given and "opening" in given) or kind == "account":
        record_type: type[Record] = AccountRecord
        if "opening" not in given:
            # Then "account" told what the line is; beside an opening balance it is a hint like any other.
            del given["kind"]
    elif isinstance(kind, str) and kind in _TYPE_BY_KIND:
        record_type = _TYPE_BY_KIND[kind]
        del given["kind"]
    elif "kind" in given:
        raise refuse("unknown-kind", given=str(kind)[:40])
    else:
        raise refuse("missing-field", field="kind")
    _check_fields(given, record_type, "")
    try:
        return msgspec.convert(given, record_type)
    except msgspec.ValidationError as error:
        raise _refusal(error) from None


def _object(line: bytes) -> dict[str, Any]:
    """Return a line's outermost object with every key once and no NUL in any text; refuse any other line."""
    try:
        found = _anything.decode(line)
        if is_doubtful(line, _encode(found)):
            found = json.loads(line, object_pairs_hook=_without_repetition, parse_constant=_no_constant)
            _check_no_nul(found, "")
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise _refusal(error) from None
    if not isinstance(found, dict):
        raise refuse("wrong-type", wanted="object")
    return found


def _has_entries(line: bytes) -> bool:
    try:
        found = _anything.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return isinstance(found, dict) and "entries" in found


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise refuse("duplicate-key", field=name[:40])
            seen.add(name)
    return found


def _no_constant(name: str) -> None:
    raise refuse("bad-json", given=name)


def _check_no_nul(found: object, place: str) -> None:
    match found:
        case str() if "\0" in found:
            raise refuse("nul-character", place)
        case list():
            for at, item in enumerate(found):
                _check_no_nul(item, f"{place}[{at}]")
        case dict():
            for name, item in found.items():
                _check_no_nul(name, place)
                _check_no_nul(item, f"{place}.{name}" if place else name)


def _check_fields(given: object, wanted: Any, place: str) -> None:
    """Refuse a key that a record has no field for. Values of wrong types are the decoder's to refuse."""
    if isinstance(given, list) and get_origin(wanted) is list:
        (item_type,) = get_args(wanted)
        for at, item in enumerate(given):
            _check_fields(item, item_type, f"{place}[{at}]")
    elif isinstance(given, dict):
        type_by_field = _type_by_field(wanted)
        for name, value in given.items() if type_by_field else ():
            if name not in type_by_field:
                raise refuse("unknown-field", place, field=name[:40])
            if isinstance(value, list | dict):
                _check_fields(value, type_by_field[name], f"{place}.{name}" if place else name)
    else:
        for option in get_args(wanted):
            if isinstance(given, list) and get_origin(option) is list:
                _check_fields(given, option, place)


@cache
def _type_by_field(wanted: Any) -> dict[str, Any]:
    """Return the fields of a record, or of the one record among several types; none for a plain mapping."""
    for option in (wanted, *get_args(wanted)):
        if isinstance(option, type) and issubclass(option, msgspec.Struct):
            return {field.encode_name: field.type for field in msgspec.structs.fields(option)}
    return {}


def _refusal(error: Exception) -> InvalidInput:
    """Return the named form of what a decoder said."""
    match error:
        case InvalidInput():
            return error
        case UnicodeDecodeError():
            return refuse("bad-utf-8")
        case RecursionError():
            return refuse("bad-json", reason="nested too deeply")
        case msgspec.ValidationError():
            said = _SAID.fullmatch(str(error))
            assert said is not None, "every text matches"
            place = said["place"] or ""
            if missing := _MISSING.match(said["what"]):
                return refuse("missing-field", place, field=missing[1])
            code = "bad-choice" if said["what"].startswith("Invalid enum value") else "wrong-type"
            return refuse(code, place, reason=said["what"][:80])
    return refuse("bad-json", reason=str(error)[:80])
