"""The line between the sample's offices and the server beside them: one that may be cut on purpose and mended."""

import contextlib
import socket
import threading

_PIECE = 64 * 1024


class TrialLine:
    """Passes connections on to a port of this machine. While it is cut, every connection ends at once."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cut = threading.Event()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._listen, name="trial line", daemon=True)
        self._thread.start()

    @property
    def is_cut(self) -> bool:
        """Whether nothing passes."""
        return self._cut.is_set()

    def cut(self) -> None:
        """Let nothing pass from now on, and end what is under way."""
        self._cut.set()
        self._end_all()

    def mend(self) -> None:
        """Let everything pass again."""
        self._cut.clear()

    def close(self) -> None:
        """End the line for good."""
        self.cut()
        # A socket that is shut down lets go of who waits at it; closing alone does not.
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(1)

    def _listen(self) -> None:
        while True:
            try:
                here, _ = self._listening.accept()
            except OSError:
                return  # closed
            if self._cut.is_set():
                here.close()
            else:
                self._connect(here)

    def _connect(self, here: socket.socket) -> None:
        try:
            there = socket.create_connection(("127.0.0.1", self._port))
        except OSError:
            here.close()
            return
        with self._lock:
            self._open |= {here, there}
        for one, other in ((here, there), (there, here)):
            threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()
        if self._cut.is_set():
            self._end_all()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := one.recv(_PIECE):
                other.sendall(piece)
        self._end(one, other)

    def _end_all(self) -> None:
        with self._lock:
            ending = list(self._open)
        self._end(*ending)

    def _end(self, *sockets: socket.socket) -> None:
        with self._lock:
            self._open -= set(sockets)
        for each in sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
