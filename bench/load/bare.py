"""The bare limits of intake: a FastAPI route and a plain ASGI route that answer 202 and keep nothing.

`python -m bench.load.bare fastapi|asgi PORT`; served exactly as the services are.
"""

import sys
from typing import Any

import uvloop
from fastapi import FastAPI, Request, Response

from libs.runtime.serve import serve_http


def fastapi_app() -> FastAPI:
    """One route that reads the body and answers 202."""
    app = FastAPI(docs_url=None, redoc_url=None)

    @app.post("/hooks/{source}", status_code=202)
    async def hook(source: str, request: Request) -> Response:  # noqa: ARG001 - a route as anyone writes it
        await request.body()
        return Response(b'{"status":"accepted"}', 202, media_type="application/json")

    @app.get("/health/ready")
    async def ready() -> Response:
        return Response(b"{}")

    return app


async def asgi_app(scope: Any, receive: Any, send: Any) -> None:
    """The same without a framework."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body", False):
        pass
    body = b'{"status":"accepted"}'
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    status = 202 if scope["method"] == "POST" else 200
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    uvloop.run(serve_http(fastapi_app() if sys.argv[1] == "fastapi" else asgi_app, int(sys.argv[2]), "127.0.0.1"))
