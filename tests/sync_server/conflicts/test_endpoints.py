"""Parked events over HTTP: listed, shown with both sides in money, decided about once, by those who may."""

import asyncio
from datetime import date
from typing import Any

import httpx
import msgspec
import pytest
from msgspec.structs import replace

from builders import CUSTOMER, DAY, SALES, a_payment, a_sale, accounts
from ledgerflow_core.events.event import (
    ConflictResolved,
    Event,
    MasterChanged,
    PeriodLocked,
    PeriodUnlocked,
    VoucherAltered,
    VoucherPosted,
    decode_event,
)
from ledgerflow_core.identifiers import EventId
from ledgerflow_core.ledger.entry import Entry
from ledgerflow_core.sync.roles import ACTS_BY_ROLE, Act, Role
from ledgerflow_core.vouchers.voucher import Voucher
from sync_server.ledger.office import Branch, Office, outcomes
from sync_server.people_app import code_of, ids
from sync_server.vouchers.people import JSON, Person, a_person, encoded

pytestmark = pytest.mark.anyio


def a_sale_of(amount: int) -> Voucher:
    lines = (Entry(account=CUSTOMER, amount=amount), Entry(account=SALES, amount=-amount))
    return replace(a_sale(number="S/1"), entries=lines)


async def two_alterations(pune: Branch, office: Office) -> str:
    """Let two branches alter one sale, of 1,180 rupees; the second change, to 2,000, is parked."""
    [version] = pune.post(a_sale(number="S/1"))
    pune.alter(version, a_sale_of(150_000))
    await pune.send()
    dubai = await office.branch()
    dubai.alter(version, a_sale_of(200_000))
    assert outcomes(await dubai.send()) == ["stale-base"]
    return decode_event(dubai.events[-1]).id


async def resolve(person: Person, event: str, **decision: Any) -> httpx.Response:
    voucher = decision.pop("voucher", None)
    if voucher is not None:
        decision["voucher"] = msgspec.Raw(encoded(voucher))
    content = msgspec.json.encode(decision)
    return await person.ask("POST", f"/conflicts/{event}/resolution", content=content, headers=JSON)


async def last_events(pune: Branch, count: int) -> list[Event]:
    """The last events of the log, all accepted, all of one batch and one cause."""
    entries = (await pune.entries())[-count:]
    assert {outcome for _, outcome in entries} == {"accepted"}
    batches, _ = await pune.pull(most=2**26)
    assert len(batches[-1].verdicts) >= count
    found = [decode_event(raw) for raw, _ in entries]
    assert len({event.cause for event in found}) == 1 and found[0].cause
    return found


async def test_what_waits_is_listed_with_what_it_is_about(office: Office, pune: Branch, desk: Person) -> None:
    event = await two_alterations(pune, office)
    page = (await desk.ask("GET", "/conflicts")).json()
    assert (page["waiting"], page["next"]) == (1, None)
    [line] = page["conflicts"]
    assert line["event"] == event and line["reason"] == "stale-base" and line["kind"] == "voucher.altered"
    assert (line["number"], line["date"], line["amount"]) == ("S/1", DAY.isoformat(), 200_000)
    assert line["replica"] != pune.replica and line["user"] and line["decided"] is None


async def test_what_waits_comes_in_pages(office: Office, pune: Branch, desk: Person) -> None:
    pune.post(*(a_sale(str(n), number="S/1") for n in range(6)))
    assert outcomes(await pune.send()) == ["accepted", *["number-duplicate"] * 5]
    seen: list[int] = []
    after: int | None = 0
    while after is not None:
        page = (await desk.ask("GET", "/conflicts", params={"limit": 2, "after": after})).json()
        assert page["waiting"] == 5 and len(page["conflicts"]) <= 2
        seen += [line["entry"] for line in page["conflicts"]]
        after = page["next"]
    assert len(seen) == 5 and seen == sorted(set(seen))


async def test_both_sides_are_shown_in_money(office: Office, pune: Branch, desk: Person) -> None:
    event = await two_alterations(pune, office)
    said = (await desk.ask("GET", f"/conflicts/{event}")).json()
    assert said["stands"]["entries"][0]["amount"] == 150_000
    assert said["parked"]["entries"][0]["amount"] == 200_000
    effects = {one["name"]: (one["stands"], one["parked"]) for one in said["effects"]}
    assert effects == {"Ravi Stores": (150_000, 200_000), "Sales of Lamps": (-150_000, -200_000)}
    assert said["version"] == (await desk.ask("GET", f"/vouchers/{said['stands']['id']}")).json()["version"]


async def test_keeping_what_stands_changes_no_book(office: Office, pune: Branch, desk: Person) -> None:
    event = await two_alterations(pune, office)
    before = await desk.report("trial-balance")
    answer = await resolve(desk, event, decision="kept", reason="Pune is right")
    assert answer.status_code == 201, answer.text
    [made] = await last_events(pune, 1)
    assert made.body == ConflictResolved(event=EventId(event), decision="kept", reason="Pune is right")
    assert made.user == desk.user.public_id
    assert await desk.report("trial-balance") == before
    assert (await desk.ask("GET", "/conflicts")).json()["conflicts"] == []
    assert (await desk.ask("GET", f"/conflicts/{event}")).json()["conflict"]["decided"] == answer.json()["entry"]


async def test_applying_records_it_anew_on_what_stands(office: Office, pune: Branch, desk: Person) -> None:
    event = await two_alterations(pune, office)
    answer = await resolve(desk, event, decision="applied")
    assert answer.status_code == 201, answer.text
    altered, resolved = await last_events(pune, 2)
    assert isinstance(altered.body, VoucherAltered) and isinstance(resolved.body, ConflictResolved)
    assert await desk.balance("Ravi Stores") == "2500.00"  # 500 opening and 2,000
    assert answer.json()["voucher"]["entries"][0]["amount"] == 200_000


async def test_a_correction_takes_the_place_of_both(office: Office, pune: Branch, desk: Person) -> None:
    event = await two_alterations(pune, office)
    answer = await resolve(desk, event, decision="corrected", voucher=a_sale_of(175_000))
    assert answer.status_code == 201, answer.text
    assert await desk.balance("Ravi Stores") == "2250.00"
    assert code_of(await resolve(desk, event, decision="corrected")) == (409, "already-resolved")


async def test_a_number_taken_twice_is_replaced_by_one_of_the_servers(
    office: Office, pune: Branch, desk: Person
) -> None:
    pune.post(a_sale("one", number="S/1"), a_sale("two", 500, number="S/1"))
    await pune.send()
    event = decode_event(pune.events[-1]).id
    answer = await resolve(desk, event, decision="applied")
    assert answer.status_code == 201, answer.text
    posted, _ = await last_events(pune, 2)
    assert isinstance(posted.body, VoucherPosted) and posted.body.voucher.number not in ("", "S/1")


async def test_what_came_too_late_is_put_on_another_day_or_its_period_reopened(
    office: Office, pune: Branch, desk: Person
) -> None:
    pune.write(PeriodLocked(until=date(2026, 5, 31)))
    pune.post(a_payment("late", number="P/1"), a_payment("later", number="P/2"))
    assert outcomes(await pune.send()) == ["accepted", "period-locked", "period-locked"]
    first, second = (decode_event(raw).id for raw in pune.events[-2:])
    assert code_of(await resolve(desk, first, decision="applied")) == (422, "period-locked")
    moved = await resolve(desk, first, decision="applied", date="2026-06-01")
    assert moved.json()["voucher"]["date"] == "2026-06-01"
    reopened = await resolve(desk, second, decision="applied", reopen="came by post")
    assert reopened.status_code == 201, reopened.text
    unlocked, posted, locked, resolved = await last_events(pune, 4)
    assert isinstance(unlocked.body, PeriodUnlocked) and unlocked.body.until == date(2026, 5, 3)
    assert isinstance(posted.body, VoucherPosted) and isinstance(resolved.body, ConflictResolved)
    assert isinstance(locked.body, PeriodLocked) and locked.body.until == date(2026, 5, 31)
    assert code_of(await desk.post(replace(a_sale("another"), number=""))) == (422, "period-locked")


async def test_a_master_changed_twice_shows_both_and_takes_the_chosen_one(
    office: Office, pune: Branch, desk: Person
) -> None:
    [customer] = [account for account in accounts() if account.id == CUSTOMER]
    renamed = replace(customer, name="Ravi & Sons")
    pune.write(MasterChanged(master=renamed))
    assert outcomes(await pune.send()) == ["stale-base"]
    event = decode_event(pune.events[-1]).id
    said = (await desk.ask("GET", f"/conflicts/{event}")).json()
    assert (said["stands"]["name"], said["parked"]["name"]) == ("Ravi Stores", "Ravi & Sons")
    assert (await resolve(desk, event, decision="applied")).status_code == 201
    assert await desk.balance("Ravi & Sons") == "500.00"
    assert code_of(await resolve(desk, event, decision="kept")) == (409, "already-resolved")


async def test_of_two_who_decide_at_once_one_is_told(office: Office, pune: Branch, desk: Person) -> None:
    event = await two_alterations(pune, office)
    other = await a_person(office, Role.OWNER)
    answers = await asyncio.gather(
        resolve(desk, event, decision="applied"), resolve(other, event, decision="kept"), return_exceptions=False
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert [code_of(answer)[1] for answer in answers if answer.status_code == 409] == ["already-resolved"]
    decided = [raw for raw, _ in await pune.entries() if isinstance(decode_event(raw).body, ConflictResolved)]
    assert len(decided) == 1


async def test_a_decision_sent_twice_is_made_once(office: Office, pune: Branch, desk: Person) -> None:
    event = await two_alterations(pune, office)
    key, path = ids.new(), f"/conflicts/{event}/resolution"
    content = msgspec.json.encode({"decision": "applied"})
    first = await desk.ask("POST", path, key=key, content=content, headers=JSON)
    second = await desk.ask("POST", path, key=key, content=content, headers=JSON)
    assert first.content == second.content and second.status_code == 201


async def test_decisions_that_cannot_be_are_named(office: Office, pune: Branch, desk: Person) -> None:
    event = await two_alterations(pune, office)
    assert code_of(await resolve(desk, ids.new(), decision="kept")) == (404, "not-found")
    assert code_of(await resolve(desk, event, decision="maybe")) == (422, "invalid-field")
    assert code_of(await resolve(desk, event, decision="kept", colour="red")) == (422, "invalid-field")
    assert code_of(await resolve(desk, event, decision="corrected")) == (422, "correction-missing")
    assert code_of(await resolve(desk, event, decision="applied", reopen="why not")) == (422, "nothing-to-reopen")
    accepted = decode_event(pune.events[0]).id
    assert code_of(await desk.ask("GET", f"/conflicts/{accepted}")) == (404, "not-found")


@pytest.mark.parametrize("role", Role)
async def test_every_role_sees_conflicts_and_only_some_decide(office: Office, pune: Branch, role: Role) -> None:
    event = await two_alterations(pune, office)
    person = await a_person(office, role)
    assert (await person.ask("GET", "/conflicts")).json()["waiting"] == 1
    assert (await person.ask("GET", f"/conflicts/{event}")).status_code == 200
    answer = await resolve(person, event, decision="kept")
    if Act.RESOLVE in ACTS_BY_ROLE[role]:
        assert answer.status_code == 201
    else:
        assert code_of(answer) == (403, "not-permitted")


async def test_a_right_that_was_missing_is_made_up_for_by_one_who_has_it(office: Office, pune: Branch) -> None:
    viewer = await office.branch(Role.VIEWER)
    viewer.post(a_sale("of a viewer", number="V/1"))
    assert outcomes(await viewer.send()) == ["not-permitted"]
    accountant = await a_person(office, Role.ACCOUNTANT)
    answer = await resolve(accountant, decode_event(viewer.events[-1]).id, decision="applied")
    assert answer.status_code == 201, answer.text
