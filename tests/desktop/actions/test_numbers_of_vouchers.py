"""Numbers go on one by one: no person makes a series jump, and what was typed counts when numbering is automatic."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from builders import a_sale
from desktop.builders import a_book
from ledgerflow_core.errors import InvalidInput
from ledgerflow_core.masters.voucher_type import Numbering, VoucherNature, voucher_type_id
from ledgerflow_core.vouchers.lifecycle import cancelled
from ledgerflow_desktop.actions import masters, vouchers
from ledgerflow_desktop.actions.verification import verify_book

SALES = voucher_type_id(VoucherNature.SALES)


def test_a_person_does_not_skip_numbers_and_an_import_may(tmp_path: Path) -> None:
    with a_book(tmp_path) as book:
        for ahead in ("S/26-27/00002", "S/26-27/9999999999"):
            with pytest.raises(InvalidInput) as refused:
                vouchers.post(book, [a_sale(number=ahead)])
            assert [(p.code, p.place) for p in refused.value.problems] == [("number-skips-ahead", "number")]
            assert [p.code for p in vouchers.check(book, a_sale(number=ahead))] == ["number-skips-ahead"]
        in_turn = [a_sale("a", number="S/26-27/00001"), a_sale("b"), a_sale("c", number="S/26-27/00003")]
        assert [made.number[-5:] for made in vouchers.post(book, in_turn).value] == ["00001", "00002", "00003"]
        vouchers.post(book, [a_sale("d", number="S/26-27/00009")], strict=False)
        vouchers.post(book, [a_sale("e", number="S/26-27/99999999999"), a_sale("f", number="old 7")])
        assert vouchers.post(book, [a_sale("g")]).value[0].number == "S/26-27/00010"
        assert verify_book(book).is_clean


def test_a_series_goes_on_after_the_numbers_that_were_typed(tmp_path: Path) -> None:
    with a_book(tmp_path) as book:
        sales = book.chart.voucher_types[SALES]
        masters.change(book, replace(sales, numbering=Numbering.MANUAL))
        vouchers.post(book, [a_sale("a", number="S/26-27/00001"), a_sale("b", number="S/26-27/7")])
        assert verify_book(book).is_clean
        masters.change(book, sales)
        assert vouchers.post(book, [a_sale("c")]).value[0].number == "S/26-27/00008"
        assert verify_book(book).is_clean


def test_a_series_passes_over_numbers_typed_before_their_prefix_was_the_types(tmp_path: Path) -> None:
    with a_book(tmp_path) as book:
        vouchers.post(book, [a_sale("a", number="T/26-27/00002"), a_sale("b", number="T/26-27/00003")])
        masters.change(book, replace(book.chart.voucher_types[SALES], prefix="T"))
        assert vouchers.post(book, [a_sale("c")]).value[0].number == "T/26-27/00001"
        assert vouchers.next_number(book, SALES, a_sale().date) == "T/26-27/00004"
        with pytest.raises(InvalidInput) as refused:
            vouchers.post(book, [a_sale("d", number="T/26-27/00005")])
        assert refused.value.problems[0].facts["next"] == "T/26-27/00004"
        given = vouchers.post(book, [a_sale("e"), a_sale("f", number="T/26-27/00005"), a_sale("g")]).value
        assert [made.number[-5:] for made in given] == ["00004", "00005", "00006"]
        assert verify_book(book).is_clean


def test_a_new_voucher_is_not_cancelled_but_where_it_comes_from_other_books(tmp_path: Path) -> None:
    with a_book(tmp_path) as book:
        with pytest.raises(InvalidInput) as refused:
            vouchers.post(book, [cancelled(a_sale())])
        assert [(p.code, p.place) for p in refused.value.problems] == [("born-cancelled", "state")]
        posted = vouchers.post(book, [cancelled(a_sale("b"))], strict=False).value[0]
        regular = vouchers.post(book, [a_sale("c")]).value[0]
        with pytest.raises(InvalidInput) as altered:
            vouchers.alter(book, vouchers.load(book, regular.id), cancelled(regular))
        assert [p.code for p in altered.value.problems] == ["cancel-it-instead"]
        assert posted.number == "S/26-27/00001"
