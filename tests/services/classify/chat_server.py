"""A real HTTP server on loopback that speaks the chat completions protocol as far as the connector uses it."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Answer:
    """What the server answers to one request."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    hold: threading.Event | None = None
    """Wait for this before answering."""


def completion(content: str | None, finish: str = "stop") -> Answer:
    """A well-formed completion with this content."""
    choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": content}}
    return Answer(body=json.dumps({"id": "c1", "object": "chat.completion", "choices": [choice]}).encode())


Script = Callable[[dict[str, Any]], Answer]


@dataclass
class ChatServer:
    """Its address, and what it was asked: headers and bodies."""

    url: str
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0


@contextmanager
def chat_server(script: Script) -> Iterator[ChatServer]:
    """Serve `script` until the block ends."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            with lock:
                told.headers.append({name.lower(): value for name, value in self.headers.items()})
                told.bodies.append({"path": self.path, **body})
                told.at_once += 1
                told.most_at_once = max(told.most_at_once, told.at_once)
            answer = script(body)
            if answer.hold is not None:
                answer.hold.wait(5)
            with lock:
                told.at_once -= 1
            self._send(answer)

        def _send(self, answer: Answer) -> None:
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            with suppress(ConnectionError):  # the client may have stopped reading
                self.wfile.write(answer.body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told = ChatServer(f"http://127.0.0.1:{server.server_address[1]}/v1")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
