"""The line to the server beside the sample is cut and mended as the tick on the Sync page says."""

import httpx
import pytest

from desktop.sync_client.answering import Answer, answering
from ledgerflow_desktop.sample.trial_line import TrialLine


def test_what_is_asked_over_the_line_is_answered_and_while_it_is_cut_nothing_is() -> None:
    with answering(Answer(b'{"said": "here"}')) as server:
        line = TrialLine(int(server.address.rpartition(":")[2]))
        try:
            with httpx.Client(base_url=line.address, trust_env=False) as client:
                assert client.get("/").json() == {"said": "here"}
                line.cut()
                assert line.is_cut
                with pytest.raises(httpx.TransportError):
                    client.get("/")
                line.mend()
                assert client.get("/").json() == {"said": "here"}
        finally:
            line.close()


def test_a_line_to_nowhere_ends_every_connection() -> None:
    line = TrialLine(1)
    try:
        with pytest.raises(httpx.TransportError):
            httpx.get(line.address, trust_env=False)
    finally:
        line.close()
