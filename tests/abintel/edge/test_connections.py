"""What of uvicorn our connections stand on; how they behave is in tests/intruders."""

from __future__ import annotations

import inspect

import uvicorn.config
from uvicorn.importer import import_from_string
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from abintel.edge.connections import Protocol, install


def test_uvicorn_takes_our_protocol_where_it_chooses_itself() -> None:
    install()
    assert uvicorn.config.Config(app=lambda: None).http == "auto"
    assert import_from_string(uvicorn.config.HTTP_PROTOCOLS["auto"]) is Protocol


def test_every_method_that_we_replace_is_there_to_be_replaced() -> None:
    own = {name for name, value in vars(Protocol).items() if inspect.isfunction(value)}
    added = {"_count", "_refuse", "_await_head", "_head_came", "_gave_up", "_watch", "_watch_closing"}
    for name in own - added - {"_end_watch", "_look"}:
        assert hasattr(HttpToolsProtocol, name), name
