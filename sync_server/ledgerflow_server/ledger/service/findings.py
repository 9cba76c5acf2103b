"""What the proof of a company comes to."""

from dataclasses import dataclass, field

_FINDINGS_MOST = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """Something is not as it was written. `gseq` is the entry where it shows, None for rows that belong to none."""

    code: str
    gseq: int | None
    detail: str = ""


@dataclass(slots=True)
class Verification:
    """What was proven: entries of the log and vouchers in the books, and what is wrong (the first hundred)."""

    entries: int = 0
    vouchers: int = 0
    findings: list[Finding] = field(default_factory=list)

    def found(self, code: str, gseq: int | None, detail: str = "") -> None:
        """Add a finding."""
        if len(self.findings) < _FINDINGS_MOST:
            self.findings.append(Finding(code, gseq, detail))

    def has(self, *codes: str) -> bool:
        """Whether anything was found by one of these codes."""
        return any(finding.code in codes for finding in self.findings)
