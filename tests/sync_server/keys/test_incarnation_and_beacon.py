"""What is remembered outside the database, so that a database set back is found out."""

import fcntl
import os
import threading
from pathlib import Path

import pytest

from ledgerflow_core.errors import InvalidInput
from ledgerflow_core.identifiers import CompanyId
from ledgerflow_server.keys import incarnation
from ledgerflow_server.keys.beacon import Beacon, Beacons
from ledgerflow_server.keys.files import KeysDamaged, KeysMissing

COMPANY = CompanyId("0198c5f2-7e60-7000-8000-000000000001")
LIFE, LATER = "0198c0de-0000-7000-8000-000000000001", "0198c0de-0000-7000-8000-000000000002"
OTHER = CompanyId("0198c5f2-7e60-7000-8000-000000000002")


def test_an_incarnation_stays_until_it_is_renewed(tmp_path: Path) -> None:
    first = incarnation.renew(tmp_path, os.urandom)
    assert incarnation.read(tmp_path) == first
    second = incarnation.renew(tmp_path, os.urandom)
    assert second != first
    assert incarnation.read(tmp_path) == second


def test_an_incarnation_that_is_missing_or_no_uuid_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeysMissing):
        incarnation.read(tmp_path)
    (tmp_path / "incarnation").write_text("1\n")
    with pytest.raises(KeysDamaged):
        incarnation.read(tmp_path)


def test_a_beacon_tells_how_far_a_log_had_come(tmp_path: Path) -> None:
    beacons = Beacons(tmp_path / "beacons")
    assert beacons.read(COMPANY) is None
    beacons.write(COMPANY, Beacon(incarnation=LIFE, size=500, root="aa" * 32))
    beacons.write(OTHER, Beacon(incarnation=LIFE, size=3, root="bb" * 32))
    assert beacons.read(COMPANY) == Beacon(incarnation=LIFE, size=500, root="aa" * 32)
    assert beacons.companies() == [COMPANY, OTHER]
    beacons.of(7).write(COMPANY, Beacon(incarnation=LIFE, size=1, root="cc" * 32))
    assert beacons.read(COMPANY) == Beacon(incarnation=LIFE, size=500, root="aa" * 32)
    assert beacons.tenants() == [7]


def test_a_beacon_never_goes_back_or_to_another_life_unless_somebody_says_so(tmp_path: Path) -> None:
    beacons = Beacons(tmp_path)
    beacons.write(COMPANY, Beacon(incarnation=LIFE, size=500, root="aa" * 32))
    beacons.write(COMPANY, Beacon(incarnation=LIFE, size=499, root="bb" * 32))
    assert beacons.read(COMPANY) == Beacon(incarnation=LIFE, size=500, root="aa" * 32)
    beacons.write(COMPANY, Beacon(incarnation=LATER, size=900, root="cc" * 32))
    assert beacons.read(COMPANY) == Beacon(incarnation=LIFE, size=500, root="aa" * 32)
    beacons.begin(COMPANY, Beacon(incarnation=LATER, size=1, root="cc" * 32))
    assert beacons.read(COMPANY) == Beacon(incarnation=LATER, size=1, root="cc" * 32)


def test_a_damaged_beacon_is_named_and_leaves_no_draft_behind(tmp_path: Path) -> None:
    beacons = Beacons(tmp_path)
    beacons.write(COMPANY, Beacon(incarnation=LIFE, size=1, root="aa" * 32))
    assert [path.name for path in tmp_path.iterdir()] == [f"{COMPANY}.json"]
    (tmp_path / f"{COMPANY}.json").write_text('{"size": 1}')
    with pytest.raises(KeysDamaged, match=COMPANY):
        beacons.read(COMPANY)


def test_a_company_that_is_no_id_names_no_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="bad-identifier"):
        Beacons(tmp_path).write(CompanyId("../../etc/passwd"), Beacon(incarnation=LIFE, size=1, root=""))


def test_a_beacon_without_a_life_is_of_any_until_the_next_write_names_one(tmp_path: Path) -> None:
    beacons = Beacons(tmp_path)
    (tmp_path / f"{COMPANY}.json").write_text('{"size":500,"root":"' + "aa" * 32 + '"}')
    assert beacons.read(COMPANY) == Beacon(size=500, root="aa" * 32)
    beacons.write(COMPANY, Beacon(incarnation=LIFE, size=499, root="bb" * 32))
    assert beacons.read(COMPANY) == Beacon(size=500, root="aa" * 32)
    beacons.write(COMPANY, Beacon(incarnation=LIFE, size=501, root="cc" * 32))
    assert beacons.read(COMPANY) == Beacon(incarnation=LIFE, size=501, root="cc" * 32)


def test_of_beacons_that_several_write_at_once_the_furthest_stays_and_a_reader_finds_each_whole(tmp_path: Path) -> None:
    Beacons(tmp_path).write(COMPANY, Beacon(incarnation=LIFE, size=0, root="00" * 32))
    sizes, lowest = range(1, 401), 0

    def write(part: int) -> None:
        for size in sizes[part::4]:
            Beacons(tmp_path).write(COMPANY, Beacon(incarnation=LIFE, size=size, root=f"{size:064x}"))

    threads = [threading.Thread(target=write, args=[part]) for part in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        read = Beacons(tmp_path).read(COMPANY)
        assert read is not None
        assert int(read.root, 16) == read.size >= lowest
        lowest = read.size
    for thread in threads:
        thread.join()
    assert Beacons(tmp_path).read(COMPANY) == Beacon(incarnation=LIFE, size=400, root=f"{400:064x}")


def test_a_beacon_that_is_being_written_is_read_when_it_is_whole(tmp_path: Path) -> None:
    beacons, path = Beacons(tmp_path), tmp_path / f"{COMPANY}.json"
    beacons.write(COMPANY, Beacon(incarnation=LIFE, size=1, root="aa" * 32))
    new = path.read_bytes().replace(b'"size":1', b'"size":2').replace(b"aa" * 32, b"bb" * 32)
    root_at, found = new.index(b'"root"'), list[Beacon | None]()
    reader = threading.Thread(target=lambda: found.append(beacons.read(COMPANY)))
    with path.open("r+b", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(new[:root_at])
        reader.start()
        # As long as a reader who does not wait would take, many times over.
        reader.join(0.2)
        file.write(new[root_at:])
    reader.join()
    assert found == [Beacon(incarnation=LIFE, size=2, root="bb" * 32)]


@pytest.mark.parametrize("before", ["", '{"size":1,"root":"' + "aa" * 32 + '"}'])
def test_a_beacon_shorter_than_they_are_now_is_replaced_and_not_made_longer(tmp_path: Path, before: str) -> None:
    path, new = tmp_path / f"{COMPANY}.json", Beacon(incarnation=LIFE, size=2, root="bb" * 32)
    path.write_text(before)
    with path.open() as held:
        Beacons(tmp_path).write(COMPANY, new)
        assert held.read() == before
    assert Beacons(tmp_path).read(COMPANY) == new
