"""Vouchers posted, altered and cancelled on the server by a person: numbered, checked, and in the log as events."""

import asyncio
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from builders import BANK, DAY, RENT, a_payment, a_sale, account_id
from ledgerflow_core.events.event import PeriodLocked, VoucherAltered, VoucherCancelled, VoucherPosted, decode_event
from ledgerflow_core.ledger.entry import Entry
from ledgerflow_core.sync.roles import ACTS_BY_ROLE, Act, Role
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_server.vouchers.numbering import next_serial
from sync_server.ledger.office import Branch, Office
from sync_server.people_app import code_of, ids
from sync_server.vouchers.people import JSON, Person, a_person, encoded

pytestmark = pytest.mark.anyio


def unnumbered(voucher: Voucher) -> Voucher:
    return replace(voucher, number="")


async def test_a_voucher_posted_on_the_server_is_an_event_like_any_other(desk: Person, pune: Branch) -> None:
    answer = await desk.post(unnumbered(a_sale()))
    assert answer.status_code == 201, answer.text
    said = answer.json()
    assert answer.headers["ETag"] == f'"{said["version"]}"'
    raw, outcome = (await pune.entries())[-1]
    body = decode_event(raw).body
    assert outcome == "accepted" and isinstance(body, VoucherPosted)
    assert body.voucher.number == said["voucher"]["number"] != ""
    assert decode_event(raw).user == desk.user.public_id


async def test_the_servers_numbers_follow_each_other_and_meet_no_branchs(desk: Person, pune: Branch) -> None:
    made = [(await desk.post(unnumbered(a_sale(str(n))))).json()["voucher"]["number"] for n in range(4)]
    heads = {number.rpartition("/")[0] for number in made}
    assert len(heads) == 1 and [int(number.rpartition("/")[2]) for number in made] == [1, 2, 3, 4]
    first = await pune.hello()
    assert first.consistent
    [tag] = {tag for tag in await tags(desk) if tag}
    assert tag in heads.pop()


async def tags(desk: Person) -> list[str]:
    office = desk.office
    async with office.world.services.tenants.session(office.tenant) as session:
        rows = await session.fetch_all("SELECT tag FROM lf.replica WHERE tenant_no = %s", [session.tenant_no])
    return [tag for (tag,) in rows]


async def test_postings_at_once_get_different_numbers(desk: Person) -> None:
    answers = await asyncio.gather(*(desk.post(unnumbered(a_sale(str(n)))) for n in range(6)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["voucher"]["number"] for answer in answers}) == 6


async def test_the_same_call_twice_posts_once(desk: Person, pune: Branch) -> None:
    key = ids.new()
    first, second = await desk.post(unnumbered(a_sale()), key=key), await desk.post(unnumbered(a_sale()), key=key)
    assert first.content == second.content and second.headers["Idempotency-Replayed"] == "true"
    posted = [raw for raw, _ in await pune.entries() if isinstance(decode_event(raw).body, VoucherPosted)]
    assert len(posted) == 1
    refused = await desk.post(unnumbered(a_sale("another")), key=key)
    assert code_of(refused) == (422, "idempotency-key-reused")


async def test_a_voucher_is_altered_on_the_version_one_saw(desk: Person, pune: Branch) -> None:
    voucher = unnumbered(a_payment())
    before = (await desk.post(voucher)).json()
    dearer = replace(voucher, entries=(Entry(account=RENT, amount=77_700), Entry(account=BANK, amount=-77_700)))
    after = await desk.alter(before["version"], dearer)
    assert after.status_code == 200, after.text
    assert after.json()["voucher"]["number"] == before["voucher"]["number"]
    assert await desk.balance("Rent") == "777.00"
    assert code_of(await desk.alter(before["version"], voucher)) == (412, "stale-version")
    raw, outcome = (await pune.entries())[-1]
    assert outcome == "accepted" and isinstance(decode_event(raw).body, VoucherAltered)


async def test_a_voucher_of_a_branch_is_cancelled_with_a_reason(desk: Person, pune: Branch) -> None:
    sale = a_sale(number="S/1")
    [version] = pune.post(sale)
    await pune.send()
    answer = await desk.cancel(version, sale.id, "entered twice")
    assert answer.json()["voucher"]["state"] == "cancelled"
    raw, _ = (await pune.entries())[-1]
    body = decode_event(raw).body
    assert isinstance(body, VoucherCancelled) and body.reason == "entered twice"
    again = await desk.cancel(answer.json()["version"], sale.id)
    assert code_of(again) == (422, "voucher-cancelled")
    assert (await desk.ask("DELETE", f"/vouchers/{sale.id}", headers={"If-Match": f'"{version}"'})).status_code == 422


async def test_a_voucher_is_read_with_all_its_versions(desk: Person, pune: Branch) -> None:
    sale = a_sale(number="S/1")
    [first] = pune.post(sale)
    second = pune.alter(first, replace(sale, narration="twelve lamps"))
    await pune.send()
    third = (await desk.cancel(second, sale.id, "came back")).json()["version"]
    said = (await desk.ask("GET", f"/vouchers/{sale.id}")).json()
    assert [one["version"] for one in said["versions"]] == [first, second, third]
    assert [one["voucher"].get("narration") for one in said["versions"]][1] == "twelve lamps"
    assert said["versions"][2]["voucher"]["state"] == "cancelled" and said["versions"][2]["reason"] == "came back"
    assert said["version"] == third and said["voucher"]["state"] == "cancelled"
    assert code_of(await desk.ask("GET", f"/vouchers/{ids.new()}")) == (404, "not-found")


async def test_every_problem_is_named_with_its_place_and_nothing_is_posted(desk: Person, pune: Branch) -> None:
    wrong = replace(
        unnumbered(a_sale()), entries=(Entry(account=RENT, amount=5), Entry(account=account_id("nobody"), amount=-4))
    )
    answer = await desk.post(wrong)
    assert answer.status_code == 422 and answer.headers["Content-Type"] == "application/problem+json"
    found = {(problem["code"], problem["place"]) for problem in answer.json()["problems"]}
    assert ("unknown-account", "entries[1].account") in found and any(code == "unbalanced" for code, _ in found)
    before = len(await pune.entries())
    assert code_of(await desk.post(a_sale(number="S/1"))) == (422, "number-given-by-the-server")
    assert code_of(await desk.ask("POST", "/vouchers", content=b"[]", headers=JSON)) == (422, "invalid-field")
    assert code_of(await desk.ask("POST", "/vouchers", content=b'{"id":"x"}', headers=JSON)) == (422, "invalid-field")
    assert len(await pune.entries()) == before


async def test_what_is_locked_stays(desk: Person, pune: Branch) -> None:
    sale = a_sale(number="S/1")
    [version] = pune.post(sale)
    pune.write(PeriodLocked(until=DAY))
    await pune.send()
    assert code_of(await desk.post(unnumbered(a_sale("late")))) == (422, "period-locked")
    assert code_of(await desk.cancel(version, sale.id)) == (422, "period-locked")


@pytest.mark.parametrize("role", Role)
async def test_only_roles_that_may_post_post(office: Office, pune: Branch, role: Role) -> None:
    sale = a_sale(number="S/1")
    [version] = pune.post(sale)
    await pune.send()
    person = await a_person(office, role)
    answers = {
        Act.POST: await person.post(unnumbered(a_sale("new"))),
        Act.ALTER: await person.alter(version, replace(sale, narration="other")),
    }
    for act, answer in answers.items():
        allowed = act in ACTS_BY_ROLE[role]
        assert (answer.status_code in (200, 201)) is allowed, answer.text
        assert allowed or code_of(answer) == (403, "not-permitted")
    refused = await person.cancel(version, sale.id)
    assert code_of(refused) == ((412, "stale-version") if Act.ALTER in ACTS_BY_ROLE[role] else (403, "not-permitted"))
    assert (await person.ask("GET", f"/vouchers/{sale.id}")).status_code == 200


async def test_a_device_posts_through_its_own_replica(pune: Branch) -> None:
    headers = {**pune.headers, **JSON, "Idempotency-Key": ids.new()}
    content = encoded(unnumbered(a_sale()))
    answer = await pune.world.client.post(f"{pune.path}/vouchers", content=content, headers=headers)
    assert code_of(answer) == (403, "not-permitted")


@pytest.mark.parametrize("given", [0, 1, 2, 63, 64, 65, 1_000, 4_096, 9_999_999])
async def test_the_end_of_a_series_is_found_by_few_questions(given: int) -> None:
    asked = 0

    async def taken(serials: Sequence[int]) -> set[int]:
        nonlocal asked
        asked += 1
        return {serial for serial in serials if serial <= given}

    assert await next_serial(taken) == given + 1
    assert asked <= 6


async def test_a_number_somebody_typed_ahead_does_not_stop_the_series() -> None:
    async def taken(serials: Sequence[int]) -> set[int]:
        return {serial for serial in serials if serial <= 10 or serial == 64}

    assert await next_serial(taken) == 11
