"""TallyPrime's XML, read and written: the way in for whoever keeps books in Tally today, and the way back.

Tally's files are often not XML at all (characters no parser takes, such as ``&#4;`` before a reserved name),
often UTF-16, and their tags for one voucher outweigh what they say ten to one. So a file is cleaned as a
stream of bytes (`source`), thinned of what says nothing (`shortcuts`), taken apart by an incremental expat
parser with limits (`objects`), and each object becomes one neutral record.

Why expat and not defusedxml: its safe readers are SAX or ElementTree ones, which measured two to five times
slower here and bound neither depth nor attributes nor the size of one object. What defusedxml forbids is
forbidden here too, and earlier: a DOCTYPE is refused in the byte stream, so that no entity is ever declared,
and no handler for an external entity exists.
"""

from ledgerflow_desktop.interchange.tally_xml.reader import read
from ledgerflow_desktop.interchange.tally_xml.writer import write

__all__ = ["read", "write"]
