"""Cost categories and centres: a second way of looking at the same amounts."""

import msgspec

from ledgerflow_core.identifiers import CostCategoryId, CostCentreId, MasterId, named


class CostCategory(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True,
                   tag="cost-category", tag_field="kind"):  # fmt: skip
    """One independent way of splitting amounts (by branch, by project); each splits an entry in full."""

    id: CostCategoryId
    name: str
    reserved: str | None = None
    retired: bool = False


class CostCentre(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True,
                 tag="cost-centre", tag_field="kind"):  # fmt: skip
    """A place amounts are allocated to; centres of one category form a tree.

    `merged_into` is the centre that what stands on this one counts on; only a merge sets it (`Chart.merge`).
    """

    id: CostCentreId
    name: str
    category: CostCategoryId
    parent: CostCentreId | None = None
    retired: bool = False
    merged_into: CostCentreId | None = None


PRIMARY_COST_CATEGORY = CostCategoryId(MasterId(named("cost-category", "primary")))


def predefined_cost_categories() -> list[CostCategory]:
    """Return the one category that is there when nobody asks for more."""
    return [CostCategory(id=PRIMARY_COST_CATEGORY, name="Primary Cost Category", reserved="primary")]
