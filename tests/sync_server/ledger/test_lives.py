"""A log that was set back to before an earlier end of a recovery: two lives of it are never mistaken for one."""

import uuid
from dataclasses import replace

import pytest

from builders import RENT, a_receipt, a_sale, a_voucher, an_account
from ledgerflow_core.events.event import MasterCreated
from ledgerflow_core.masters.voucher_type import VoucherNature
from ledgerflow_core.sync.batch import to_wire
from ledgerflow_core.sync.messages import HelloAnswer
from ledgerflow_core.sync.receipts import Checkpoint, Receipt
from ledgerflow_server.database.connecting import Connection
from ledgerflow_server.ledger.service import recovery
from sync_server.ledger.nights import put_back, rows_of
from sync_server.ledger.office import Branch, compress, desk_of, outcomes, restarted, verified
from sync_server.ledger.test_recovery import hand_back
from sync_server.people_app import code_of

pytestmark = pytest.mark.anyio


class Signed:
    """Everything the server signed, as an office that forgets nothing would keep it."""

    def __init__(self) -> None:
        self.roots: dict[tuple[str, int], str] = {}

    def keep(self, said: Checkpoint | Receipt) -> None:
        """Take a statement in; two of one life that no log could both have are proof against the server."""
        assert self.roots.setdefault((said.incarnation, said.size), said.root) == said.root

    async def hello(self, branch: Branch) -> HelloAnswer:
        answer = await branch.hello()
        checkpoint = branch.checkpoint_of(answer.checkpoint)
        assert (checkpoint.incarnation, checkpoint.size) == (answer.incarnation, answer.size)
        self.keep(checkpoint)
        self.keep(branch.checkpoint_of((await branch.get("/checkpoint")).text))
        return answer


async def end_recovery(branch: Branch) -> str:
    """End what recovers as `ledgerflow-server end-recovery` does; return the life that begins."""
    life = str(uuid.uuid4())
    async with restarted(branch, life=life):
        await recovery.end_recovery(desk_of(branch.world), branch.tenant)
    branch.incarnation = life
    return life


async def two_lives(branch: Branch, database: Connection, signed: Signed) -> tuple[str, str, bytes, bytes]:
    """Lose what the branch sent last, go on without it in another life, and hand it in there behind something else.

    Return both lives, and what either has behind the beginning they share.
    """
    tenant_no, born, first = branch.tenant.tenant_no, branch.sent, branch.incarnation
    night = rows_of(database, tenant_no)
    branch.post(a_sale("one", number="1"))
    signed.keep(await branch.send())
    in_first = (await branch.get("/log", params={"after": born})).content
    put_back(database, tenant_no, night)
    second = await end_recovery(branch)
    async with restarted(branch, life=second):
        answer = await signed.hello(branch)
        assert (answer.state, answer.incarnation, answer.size) == ("normal", second, born)
        branch.post(a_receipt("two", number="2"))
        branch.sent = born
        signed.keep(await branch.send())
        in_second = (await branch.get("/log", params={"after": born})).content
    return first, second, in_first, in_second


async def test_a_log_put_back_to_an_ended_life_takes_up_the_later_one_and_ends_its_recovery(
    pune: Branch, as_administrator: Connection
) -> None:
    signed, born = Signed(), pune.sent
    night = rows_of(as_administrator, pune.tenant.tenant_no)
    first, second, in_first, in_second = await two_lives(pune, as_administrator, signed)
    put_back(as_administrator, pune.tenant.tenant_no, night)
    async with restarted(pune, life=second):
        answer = await signed.hello(pune)
        assert (answer.state, answer.incarnation, answer.size) == ("recovering", first, born)
        # What the ended life had more is no continuation of the later one.
        assert (await hand_back(pune, in_first))[0] == 422
        assert await hand_back(pune, in_second) == (200, {"size": born + 2})
        answer = await signed.hello(pune)
        assert (answer.state, answer.incarnation, answer.size) == ("normal", second, born + 2)
        assert (await pune.get("/log", params={"after": born})).content == in_second
        pune.post(a_sale("three", number="3"))
        receipt = await pune.send()
        signed.keep(receipt)
        assert outcomes(receipt) == ["accepted"]
        assert (await verified(pune)).findings == []


async def test_a_log_of_an_ended_life_that_parted_from_the_later_one_signs_as_what_it_is_and_takes_nothing(
    pune: Branch, as_administrator: Connection
) -> None:
    signed, tenant_no, born = Signed(), pune.tenant.tenant_no, pune.sent
    night = rows_of(as_administrator, tenant_no)
    pune.post(a_sale("zero", number="0"))
    signed.keep(await pune.send())
    evening = rows_of(as_administrator, tenant_no)
    put_back(as_administrator, tenant_no, night)
    first, pune.sent = pune.incarnation, born
    await end_recovery(pune)
    async with restarted(pune, life=pune.incarnation):
        pune.post(a_sale("one", number="1"))
        signed.keep(await pune.send())
        assert (await signed.hello(pune)).size == born + 2
    # As long as the later life, but for one entry, and another log.
    put_back(as_administrator, tenant_no, evening)
    async with restarted(pune, life=pune.incarnation):
        answer = await signed.hello(pune)
        assert (answer.state, answer.incarnation, answer.size) == ("recovering", first, born + 1)
        pune.post(a_sale("two", number="2"))
        assert code_of(await pune.send_wire(to_wire(pune.batch(), compress))) == (503, "recovering")
    # Nobody can hand back what does not fit: somebody ends it, and everything is handed in in a third life.
    life, pune.sent = await end_recovery(pune), born
    async with restarted(pune, life=life):
        answer = await signed.hello(pune)
        assert (answer.state, answer.incarnation, answer.size) == ("normal", life, born + 1)
        receipt = await pune.send()
        signed.keep(receipt)
        assert outcomes(receipt) == ["accepted"] * 3
        assert (await verified(pune)).findings == []


async def test_a_process_that_was_up_while_the_log_went_back_to_an_ended_life_notices(
    pune: Branch, as_administrator: Connection
) -> None:
    signed, tenant_no = Signed(), pune.tenant.tenant_no
    pune.post(a_sale("zero"), a_sale("one"), a_sale("two"))
    await pune.send()
    longer = rows_of(as_administrator, tenant_no)
    first, second = pune.incarnation, await end_recovery(pune)
    async with restarted(pune, life=second):
        assert (await signed.hello(pune)).incarnation == second
        put_back(as_administrator, tenant_no, longer)
        answer = await signed.hello(pune)
        assert (answer.state, answer.incarnation) == ("recovering", first)


async def test_a_life_in_which_nothing_was_posted_yet_is_taken_up_from_what_the_ended_one_signed(
    pune: Branch, as_administrator: Connection
) -> None:
    signed, tenant_no, born = Signed(), pune.tenant.tenant_no, pune.sent
    night = rows_of(as_administrator, tenant_no)
    pune.post(a_sale("one", number="1"))
    signed.keep(await pune.send())
    in_first = (await pune.get("/log", params={"after": born})).content
    second = await end_recovery(pune)
    put_back(as_administrator, tenant_no, night)
    async with restarted(pune, life=second):
        assert (await signed.hello(pune)).state == "recovering"
        assert await hand_back(pune, in_first) == (200, {"size": born + 1})
        answer = await signed.hello(pune)
        assert (answer.state, answer.incarnation) == ("normal", second)


async def test_what_an_ended_life_signed_of_a_log_that_went_on_is_taken_within_a_piece_of_the_later_one_alone(
    pune: Branch, as_administrator: Connection
) -> None:
    signed, tenant_no, born = Signed(), pune.tenant.tenant_no, pune.sent
    night = rows_of(as_administrator, tenant_no)
    pune.post(a_sale("one", number="1"))
    signed.keep(await pune.send())
    in_first = (await pune.get("/log", params={"after": born})).content
    second = await end_recovery(pune)
    async with restarted(pune, life=second):
        pune.post(a_receipt("two", number="2"))
        signed.keep(await pune.send())
        across_both = (await pune.get("/log", params={"after": born})).content
    put_back(as_administrator, tenant_no, night)
    async with restarted(pune, life=second):
        assert (await signed.hello(pune)).state == "recovering"
        # The beginning of what is lacking, and the server cannot tell that the later life went on from there.
        assert (await hand_back(pune, in_first))[0] == 422
        assert await hand_back(pune, across_both) == (200, {"size": born + 2})
        answer = await signed.hello(pune)
        assert (answer.state, answer.incarnation) == ("normal", second)
        assert (await verified(pune)).findings == []


async def test_a_process_that_was_up_decides_by_the_masters_of_the_life_the_log_is_of_and_no_others(
    pune: Branch, as_administrator: Connection
) -> None:
    born, night = pune.sent, rows_of(as_administrator, pune.tenant.tenant_no)
    later = replace(pune, events=list(pune.events))
    pune.write(MasterCreated(master=an_account("Lost", "sundry-debtors")))
    assert outcomes(await pune.send()) == ["accepted"]
    put_back(as_administrator, pune.tenant.tenant_no, night)
    instead = an_account("Made instead", "sundry-debtors")
    life = await end_recovery(later)
    async with restarted(later, life=life):
        later.write(MasterCreated(master=instead))
        assert outcomes(await later.send()) == ["accepted"]
    assert later.sent == born + 1
    # The first process is still up, and knows another master at that entry.
    later.world = pune.world
    later.post(a_voucher(VoucherNature.JOURNAL, (instead.id, 500), (RENT, -500), name="one"))
    assert outcomes(await later.send()) == ["accepted"]
    assert (await verified(later)).findings == []
