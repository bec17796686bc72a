"""What of uvicorn our connections stand on; how they behave is in tests/intruders."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import uvicorn.config
from uvicorn.importer import import_from_string
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from server.http.connections import ARRIVED, Protocol, install


def test_uvicorn_takes_our_protocol_where_it_chooses_itself() -> None:
    install()
    assert uvicorn.config.Config(app=lambda: None).http == "auto"
    assert import_from_string(uvicorn.config.HTTP_PROTOCOLS["auto"]) is Protocol


def test_every_method_that_we_replace_is_there_to_be_replaced() -> None:
    own = {name for name, value in vars(Protocol).items() if inspect.isfunction(value)}
    timers = {"_start_head_timer", "_stop_head_timer", "_head_timed_out"}
    readers = {"_watch", "_watch_closing", "_end_watch", "_check_reader"}
    for name in own - timers - readers - {"_count", "_refuse"}:
        assert hasattr(HttpToolsProtocol, name), name


def test_a_request_waits_for_us_from_its_last_byte_or_the_answer_before_it() -> None:
    waited: list[float] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        loop = asyncio.get_running_loop()
        while (await receive())["more_body"]:
            pass
        waited.append(loop.time() - scope["state"][ARRIVED])
        await asyncio.sleep(0.3)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    async def scene() -> None:
        config = uvicorn.config.Config(app, lifespan="off", log_config=None, http=Protocol)
        config.load()
        state = ServerState()
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Protocol(config, state, {}), "127.0.0.1")
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        head = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\n"
        writer.write(head + b"{")
        await asyncio.sleep(0.3)
        writer.write(b"}" + head + b"{}")
        for _ in range(2):
            assert await reader.readuntil(b"\r\n\r\n")
        writer.close()
        server.close()

    asyncio.run(scene())
    assert len(waited) == 2
    assert max(waited) < 0.2
