"""A server set back to last night's copy of its database: what it had acknowledged comes back from the offices."""

import pytest

from end_to_end.checking_files import Files, files_found
from end_to_end.company import SharedCompany
from end_to_end.head_office import copy_tree

pytestmark = pytest.mark.slow


def set_back(company: SharedCompany, to: str = "night") -> None:
    """Put the database of the night in the place of today's; keys, incarnation and beacons stand outside of it."""
    office = company.head_office
    office.close()
    copy_tree(office.folder / to, office.data / "postgresql")
    company.proxy.upstream = office.start()


def copy_of_the_night(company: SharedCompany, to: str = "night") -> None:
    office = company.head_office
    office.stop()
    office.postgres.stop()
    copy_tree(office.data / "postgresql", office.folder / to)
    company.proxy.upstream = office.start()


def test_what_a_server_lost_is_handed_back_and_nothing_acknowledged_is_missing(own_company: SharedCompany) -> None:
    pune, delhi, kochi = own_company.open("Pune", "Delhi", "Kochi")
    pune.post(3)
    own_company.settle()
    copy_of_the_night(own_company)
    for office in (pune, delhi):
        office.post(4)
        office.sync()
    kochi.post(2)
    set_back(own_company)
    kochi.sync(patience=2)
    pune.post(1)
    assert own_company.end().acknowledged == 14


def test_a_server_set_back_twice_to_the_same_night_loses_nothing(own_company: SharedCompany) -> None:
    pune, delhi = own_company.open("Pune", "Delhi")
    copy_of_the_night(own_company)
    for office in (pune, delhi):
        office.post(3)
        office.sync()
    own_company.settle()
    set_back(own_company)
    delhi.post(2)
    own_company.settle()
    set_back(own_company)
    pune.post(1)
    assert own_company.end().acknowledged == 9


def test_files_a_server_lost_with_its_database_are_sent_again(own_company: SharedCompany) -> None:
    [pune, *_] = own_company.open("Pune", "Delhi")
    copy_of_the_night(own_company)
    [voucher] = pune.post(1)
    pune.attach(voucher.id, bytes(range(256)) * 1_000)
    own_company.settle()
    own_company.carry_files()
    set_back(own_company)
    own_company.settle()
    own_company.carry_files()
    assert files_found(own_company.offices, own_company.head_office) == Files(attached=1)
    own_company.end()
