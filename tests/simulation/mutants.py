"""Deliberate bugs, each switched on by name: a harness that lets one live proves nothing.

A mutant puts another function in the place of one of the engine's or of the stores'. Where two safeguards each hold
alone, removing one changes nothing anyone could see; such a pair is one mutant that removes both.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from ledgerflow_core.sync import admission, batch, deciding
from ledgerflow_core.sync import replica as engine
from ledgerflow_core.sync.deciding import Decider
from ledgerflow_core.sync.receipts import Checkpoint, Receipt
from simulation import mutants_engine as broken
from simulation import mutants_stores as stores
from simulation import sim_replica, sim_server
from simulation.faults import Plan
from simulation.network import Weather
from simulation.seams import Seam
from simulation.sim_replica import SimReplica
from simulation.sim_server import SimServer

# Misfortunes that bring a bug to light sooner: a gate has seconds, the long runs have all night.
_RESTORED_SERVER = {"restore server": 6}
_RESTORED_ALL = {"restore server": 5, "restore office": 3, "die": 1}
_RESTORED_OFFICE = {"restore office": 3}
_CRASHES = {"crash office": 6}
_POISON = {"poison": 2}
_RUSHES = {"rush": 6}
_PARTITIONS = {"partition": 12}
_MISROUTING = {"weather": Weather(misrouted=0.4)}
_FLIPS = {"weather": Weather(flip=0.3)}
# Some commits outlast the patience of who sent the batch.
_LATE_COMMITS = {"weather": Weather(slow=0.2), "commit_takes": 23_000}
_HARSH = {
    "weather": Weather(drop=0.05, lost_answer=0.1, duplicate=0.1, delayed=0.1, flip=0.1, truncated=0.05, misrouted=0.1)
}
_DESKS = {"everyone_leads": True, "desk": 5}
_CANCELLING = {**_DESKS, "cancels": 80}
_LONG_COMMITS = {"commit_takes": 3_000}


@dataclass(frozen=True)
class Mutant:
    """A bug: what to put where, and what brings it to light. `without` tells it in words."""

    without: str
    seams: tuple[Seam, ...]
    misfortunes: dict[str, int] = field(default_factory=dict)
    world: dict[str, Any] = field(default_factory=dict)

    def provoked(self, plan: Plan) -> Plan:
        """Return the plan of a world in which the bug has every occasion."""
        misfortunes = {**plan.misfortunes, **self.misfortunes}
        world: dict[str, Any] = {"acts": 40, "lasts": 150_000, "imports": 0, **self.world}
        return replace(plan, misfortunes=misfortunes, **world)


def _unread(instead: object) -> tuple[Seam, ...]:
    return (
        (admission, "read_events", instead), (engine, "read_events", instead),
        (sim_server, "read_events", instead), (sim_replica, "read_events", instead),
    )  # fmt: skip


_NO_HEADS: Seam = (engine, "_compare", broken.compare_without_heads)
_NO_GUARD: Seam = (SimReplica, "opened", stores.open_without_guard)
_NO_FORK: Seam = (admission, "known_events", broken.known_without_fork)
_NO_SIGNATURE: Seam = (batch, "verifies", broken.always)
_NO_DIGEST: Seam = (batch, "open_batch", broken.open_without_digest)
_NO_ROOT: Seam = (engine, "_append", broken.append_without_root)

MUTANTS: dict[str, Mutant] = {
    # --- the server's decisions
    "no-dedupe": Mutant("event ids are not looked up", ((Decider, "duplicate", broken.never_a_duplicate),),
                        _RESTORED_OFFICE),
    "duplicate-as-accepted": Mutant("a known event takes effect again",
                                    ((Decider, "duplicate", broken.duplicate_as_accepted),), _RESTORED_OFFICE),
    "last-write-wins": Mutant("an alteration need not name the version in effect",
                              ((Decider, "_against_version", broken.any_base),), _PARTITIONS),
    "last-master-wins": Mutant("a master's change need not name the version in effect",
                               ((Decider, "_against_base", broken.any_base_of_master),), _PARTITIONS, world=_DESKS),
    "lock-ignored-by-postings": Mutant("a voucher is posted into a locked period, or altered there",
                                       ((deciding, "PostingRules", broken.unlocked_rules),), _PARTITIONS, world=_DESKS),
    "lock-ignored-by-cancellations": Mutant("a voucher in a locked period is cancelled",
                                          ((Decider, "_against_version", broken.unlocked_version),), _PARTITIONS,
                                          world=_CANCELLING),
    "number-twice": Mutant("numbers are not looked up", ((Decider, "_against_posting", broken.any_number),),
                           {"restore office": 3, "clone": 1}),
    "total-too-large": Mutant("a month may come to more than the books can hold",
                              ((Decider, "_against_totals", broken.any_total),), _PARTITIONS),
    "total-believed": Mutant("what is believed of totals at first is not checked by the tables",
                             ((sim_server, "has_room", broken.always),), _PARTITIONS),
    "numbered-by-the-end": Mutant("whether a number may repeat is asked of its type as the batch leaves it",
                                  ((sim_server, "take", stores.take_by_the_numbering_at_the_end),), _PARTITIONS,
                                  world=_DESKS),
    "refused-for-business": Mutant("what should be parked is refused",
                                   ((Decider, "_reason", broken.refused_for_business),)),
    # --- the server's disk
    "no-lock": Mutant("the log's end is read before the lock is taken",
                      ((SimServer, "begin", stores.begin_with_snapshot),
                       (SimServer, "finish", stores.finish_on_a_snapshot)), world=_LONG_COMMITS),
    "sequence": Mutant("places come from a sequence, which keeps what a failed transaction took",
                       ((SimServer, "_store", stores.burned_numbers),), world={"server_crash": 0.3}),
    "acknowledged-before-commit": Mutant("the receipt leaves before the commit is done",
                                         ((SimServer, "_store", stores.acknowledge_before_commit),)),
    "counter-incarnation": Mutant("a life of the log is named by a counter in the database",
                                  ((SimServer, "new_incarnation", stores.counted_incarnation),),
                                  {"restore server": 8}),
    "no-beacon": Mutant("nothing outside the database knows how far the log came",
                        ((SimServer, "restore", stores.restore_without_beacon),), _RESTORED_SERVER),
    "unsigned-batch": Mutant("a batch's signature is not checked", (_NO_SIGNATURE,), world=_HARSH),
    # --- the replica's disk
    "normal-for-full": Mutant("a commit is not on the disk when it returns",
                              ((SimReplica, "commit", stores.commit_now_and_then),), _CRASHES),
    "cursor-apart": Mutant("how far the log was read is committed before the books",
                           ((SimReplica, "append", stores.append_in_two_commits),), _CRASHES),
    "verdicts-computed-anew": Mutant("a replica decides for itself", ((SimReplica, "folded", stores.folded_anew),),
                                     {"demote": 2}),
    "verdicts-ignored": Mutant("a replica takes everything as accepted",
                               ((SimReplica, "folded", stores.folded_as_accepted),)),
    "parked-stays-shown": Mutant("an own event the server parked stays in the books shown",
                                 ((SimReplica, "books", stores.books_with_parked),)),
    "no-guard": Mutant("a file put back in time is not noticed at opening", (_NO_GUARD,), _RESTORED_OFFICE),
    "rehome-other-ids": Mutant("a copy's unsent events get other ids",
                               ((SimReplica, "rehome", stores.rehome_with_other_ids),), _RESTORED_OFFICE),
    "rehome-same-series": Mutant("a copy goes on in the same number series",
                                 ((SimReplica, "rehome", stores.rehome_in_the_same_series),), _RESTORED_OFFICE),
    "bodies-thrown-away": Mutant("what a server lost is not handed in again",
                                 ((SimReplica, "bodies_of", stores.no_bodies),), _RESTORED_ALL),
    # --- the engine
    "no-heads": Mutant("hello does not compare the ends of the chain", (_NO_HEADS,),
                       {**_RESTORED_OFFICE, "clone": 1}),
    "no-roots": Mutant("hello does not compare the roots of the logs",
                       ((engine, "_compare", broken.shares_always),), _RESTORED_SERVER),
    "no-timer": Mutant("no timer is armed after trouble", ((engine, "_pause", broken.pause_for_ever),)),
    "idle-unasked": Mutant("up to date is shown without comparing",
                            ((engine, "_go_on", broken.go_on_without_pulling),)),
    "push-all-first": Mutant("nothing is pulled while there is anything to push",
                             ((engine, "_go_on", broken.push_all_first),), _RUSHES),
    "pull-all-first": Mutant("nothing is pushed while there is anything to pull",
                             ((engine, "_go_on", broken.pull_all_first),), _RUSHES),
    "failures-forgotten": Mutant("how often the server failed is not counted",
                                 ((engine, "_with_failures_counted", broken.failures_forgotten),), _POISON,
                                 {"lasts": 600_000}),
    "failures-ended-by-anything": Mutant("an answer to anything ends the count of what fails",
                                         ((engine, "_with_failures_counted", broken.failures_ended_by_anything),),
                                         _POISON, {"lasts": 600_000}),
    "receipt-of-another": Mutant("a receipt is not compared with the batch",
                                 ((engine, "acknowledges", broken.always),), world=_MISROUTING),
    "receipt-unsigned": Mutant("a receipt's signature is not checked",
                               ((engine, "read_receipt", broken.read_unsigned(Receipt)),), world=_FLIPS),
    "checkpoint-unsigned": Mutant("a checkpoint's signature is not checked",
                                  ((engine, "read_checkpoint", broken.read_unsigned(Checkpoint)),), world=_FLIPS),
    "root-unchecked": Mutant("a piece of the log is not compared with the root its checkpoint names", (_NO_ROOT,),
                             world=_FLIPS),
    # --- pairs of which each alone is enough
    "no-heads-no-fork": Mutant("neither hello nor a push compares the chain", (_NO_HEADS, _NO_FORK),
                               {**_RESTORED_OFFICE, "clone": 1}),
    "no-guard-no-heads-no-fork": Mutant("all three nets under copied files are gone", (_NO_GUARD, _NO_HEADS, _NO_FORK),
                                        {**_RESTORED_OFFICE, "clone": 1}),
    "receipt-of-another-gap-taken": Mutant("a receipt is not compared with the batch, nor a batch with the one before",
                                           ((engine, "acknowledges", broken.always),
                                            (admission, "known_events", broken.known_without_gap)), world=_HARSH),
    "sealed-anew-no-overlap": Mutant("a batch is cut otherwise when sent again, and a known part of it not seen",
                                     ((SimReplica, "batch", stores.batch_sealed_anew),
                                      (admission, "known_events", broken.known_without_overlap)), world=_LATE_COMMITS),
    "no-digest-no-chain": Mutant("neither the digest of a body nor the chain in it is checked",
                                 (_NO_SIGNATURE, _NO_DIGEST, *_unread(broken.events_without_chain)), world=_HARSH),
    "no-digest-no-chain-no-root": Mutant("neither digest, nor chain, nor root",
                                         (_NO_SIGNATURE, _NO_DIGEST, _NO_ROOT, *_unread(broken.events_without_chain)),
                                         world=_HARSH),
}  # fmt: skip
