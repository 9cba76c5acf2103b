"""Small GnuCash books in XML, written here after GnuCash's own form (gnucash-v2.rnc), for tests to vary."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

NAMES = ("gnc", "act", "book", "cd", "cmdty", "slot", "split", "trn", "ts", "price", "sx", "bgt", "invoice")
ROOT = "f" * 32


def guid(number: int) -> str:
    return f"{number:032x}"


def commodity(tag: str, code: str, space: str = "CURRENCY") -> str:
    return f"<{tag}><cmdty:space>{space}</cmdty:space><cmdty:id>{code}</cmdty:id></{tag}>"


def slots(tag: str, **text_by_key: str) -> str:
    inside = "".join(
        f"<slot><slot:key>{key.replace('_', '-')}</slot:key>"
        f'<slot:value type="string">{escape(text)}</slot:value></slot>'
        for key, text in text_by_key.items()
    )
    return f"<{tag}>{inside}</{tag}>"


def account(number: int, name: str, type_: str, parent: int | None = None, **more: str) -> str:
    code, space = more.pop("code", "EUR"), more.pop("space", "CURRENCY")
    return (
        f'<gnc:account version="2.0.0"><act:name>{escape(name)}</act:name><act:id type="guid">{guid(number)}</act:id>'
        f"<act:type>{type_}</act:type>{commodity('act:commodity', code, space)}{slots('act:slots', **more)}"
        f'<act:parent type="guid">{ROOT if parent is None else guid(parent)}</act:parent></gnc:account>\n'
    )


def split(to: int, value: str, quantity: str = "", *, state: str = "n", memo: str = "", inside: str = "") -> str:
    return (
        f"<trn:split><split:memo>{escape(memo)}</split:memo><split:reconciled-state>{state}</split:reconciled-state>{inside}"
        f"<split:value>{value}</split:value><split:quantity>{quantity or value}</split:quantity>"
        f'<split:account type="guid">{guid(to)}</split:account></trn:split>'
    )


def transaction(number: int, splits: Sequence[str], *, day: str = "2025-04-01", code: str = "EUR", **more: str) -> str:
    num, description = more.pop("num", ""), more.pop("description", "")
    return (
        f'<gnc:transaction version="2.0.0"><trn:id type="guid">{guid(number)}</trn:id>'
        f"{commodity('trn:currency', code)}<trn:num>{num}</trn:num>"
        f"<trn:date-posted><ts:date>{day} 10:59:00 +0000</ts:date></trn:date-posted>"
        f"<trn:description>{escape(description)}</trn:description>{slots('trn:slots', **more)}"
        f"<trn:splits>{''.join(splits)}</trn:splits></gnc:transaction>\n"
    )


def price(code: str, currency: str, day: str, value: str, space: str = "CURRENCY") -> str:
    return (
        f"<price>{commodity('price:commodity', code, space)}{commodity('price:currency', currency)}"
        f"<price:time><ts:date>{day} 00:00:00 +0000</ts:date></price:time><price:value>{value}</price:value></price>\n"
    )


def book(*parts: str, prices: Sequence[str] = (), before: str = "") -> bytes:
    spaces = " ".join(f'xmlns:{name}="http://www.gnucash.org/XML/{name}"' for name in NAMES)
    root = (
        f'<gnc:account version="2.0.0"><act:name>Root Account</act:name><act:id type="guid">{ROOT}</act:id>'
        "<act:type>ROOT</act:type></gnc:account>"
    )
    table = f"<gnc:pricedb>{''.join(prices)}</gnc:pricedb>" if prices else ""
    return (
        f'<?xml version="1.0" encoding="utf-8" ?>\n{before}<gnc-v2 {spaces}>\n<gnc:book version="2.0.0">\n'
        f"{table}{root}\n{''.join(parts)}</gnc:book>\n</gnc-v2>\n"
    ).encode()
