"""Finds the plugins, and refuses a set that cannot be served as one."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import logging
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

from abintel.answer import Encoder
from abintel.decode import Decoder
from abintel.endpoint import Endpoint, Plugin
from abintel.problem import ProblemDocument
from abintel.schemas import component_names, members
from abintel.wording import BadTexts, check_own

GROUP = "abintel.plugins"
OWN_PACKAGES = ("abintel", "jobs", "plugins", "registry", "server", "stores")
_TAKEN_NAMES = {"to_async", "to_sync", "is_ready"}
"""What BentoML's services call methods of their own."""
_MISSING_LIBRARY = re.compile(r"(lib[\w.+-]+\.so[\w.]*): cannot open shared object file")
_DEBIAN_PACKAGE = {"libgomp.so.1": "libgomp1", "libstdc++.so.6": "libstdc++6", "libz.so.1": "zlib1g"}
log = logging.getLogger(__name__)


class CannotStart(Exception):
    """The server must not start; the text says why and what to do."""


@dataclass(frozen=True)
class Roster:
    """The plugins that are served.

    Attributes:
        plugins: in order of their names.
        left_out: name of a plugin that is not served to the reason, with what to do about it.
    """

    plugins: tuple[Plugin, ...]
    left_out: Mapping[str, str]

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Every route, by plugin, in the plugins' own order."""
        return tuple(endpoint for plugin in self.plugins for endpoint in plugin.endpoints)

    def __iter__(self) -> Iterator[tuple[Plugin, Endpoint]]:
        for plugin in self.plugins:
            for endpoint in plugin.endpoints:
                yield plugin, endpoint


def discover(only: Collection[str] | None = None) -> Roster:
    """Loads the plugins of the entry-point group ``abintel.plugins``.

    Args:
        only: names of the plugins to serve; None serves every one whose requirements are installed.

    Raises:
        CannotStart: no plugin, one that was named but is not there or not installed, one that does not
            import, a route twice, a schema's name twice, a schema that cannot be read fast, a text that is
            missing in a language, or a package of ours that is somebody else's.
    """
    check_own_packages()
    found: dict[str, importlib.metadata.EntryPoint] = {}
    for entry in sorted(importlib.metadata.entry_points(group=GROUP), key=lambda entry: entry.name):
        if entry.name in found and found[entry.name].value != entry.value:
            raise CannotStart(
                f"two plugins are called {entry.name!r}: {found[entry.name].value} and {entry.value}"
            )
        found[entry.name] = entry
    unknown = sorted(set(only or ()) - set(found))
    if unknown:
        raise CannotStart(
            f"ABINTEL_PLUGINS names {', '.join(unknown)}, but installed are: {', '.join(found) or 'none'}"
        )
    plugins, left_out = [], {}
    for name, entry in found.items():
        if only is not None and name not in only:
            continue
        absent = _absent_requirements(entry)
        if absent:
            reason = f"{', '.join(absent)} not installed; install abintel[{name}]"
            if only is not None:
                raise CannotStart(f"plugin {name!r}: {reason}")
            left_out[name] = reason
            continue
        try:
            plugin = entry.load()
        except Exception as error:
            # Libraries wrap the loader's OSError in errors of their own.
            library = _MISSING_LIBRARY.search(str(error))
            if library is None:
                raise CannotStart(f"plugin {name!r} does not import: {error!r}") from error
            left_out[name] = missing_library(library.group(1))
            continue
        if not isinstance(plugin, Plugin):
            raise CannotStart(f"plugin {name!r}: {entry.value} is no abintel.endpoint.Plugin")
        if plugin.name != name:
            raise CannotStart(f"plugin {name!r} calls itself {plugin.name!r}; name both alike")
        plugins.append(plugin)
    roster = Roster(tuple(plugins), left_out)
    _check(roster)
    return roster


def missing_library(library: str) -> str:
    """What to do about a system library that is not there."""
    package = _DEBIAN_PACKAGE.get(library)
    if package is None:
        return f"the system library {library} is missing; install the package that brings it"
    return f"the system library {library} is missing; install it: apt-get install -y {package}"


def report(roster: Roster) -> None:
    """Logs every plugin and route that is served, and what is not."""
    for plugin in roster.plugins:
        routes = ", ".join(endpoint.route for endpoint in plugin.endpoints)
        log.info("plugin %s: %s", plugin.name, routes)
    for name, reason in roster.left_out.items():
        log.warning("plugin %s is not served: %s", name, reason)


def check_own_packages() -> None:
    """Refuses to start if ``plugins`` or ``registry`` is another distribution's package."""
    home = None
    for name in OWN_PACKAGES:
        spec = importlib.util.find_spec(name)
        places = list(spec.submodule_search_locations or []) if spec is not None else []
        if not places:
            raise CannotStart(f"the package {name!r} is missing from this installation of abintel")
        place = Path(places[0]).resolve().parent
        home = home or place
        if place != home or len(places) > 1:
            raise CannotStart(
                f"the package {name!r} is another distribution's ({places[0]}); "
                "install abintel into an environment of its own"
            )
    owners = importlib.metadata.packages_distributions()
    for name in OWN_PACKAGES:
        strangers = sorted(set(owners.get(name, ())) - {"abintel"})
        if strangers:
            raise CannotStart(
                f"the package {name!r} is also installed by {', '.join(strangers)}; "
                "install abintel into an environment of its own"
            )


def _absent_requirements(entry: importlib.metadata.EntryPoint) -> list[str]:
    """Distributions of the extra that is called like the plugin, as far as they are not installed."""
    if entry.dist is None:
        return []
    absent = []
    for line in entry.dist.requires or ():
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or marker.evaluate({"extra": ""}):
            continue
        if not marker.evaluate({"extra": entry.name}):
            continue
        try:
            importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            absent.append(requirement.name)
    return absent


def _check(roster: Roster) -> None:
    if not roster.endpoints:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in roster.left_out.items())
        raise CannotStart(f"no plugin to serve in the group {GROUP!r}" + (f" ({reasons})" if reasons else ""))
    _check_texts(roster)
    routes: dict[str, str] = {}
    schemas: dict[str, tuple[str, object]] = {
        name: ("the server", part) for name, part in component_names(ProblemDocument).items()
    }
    for plugin, endpoint in roster:
        if endpoint.name in _TAKEN_NAMES:
            raise CannotStart(f"route {endpoint.route} of plugin {plugin.name!r}: the name is BentoML's own")
        if endpoint.name in routes:
            raise CannotStart(
                f"route {endpoint.route} is in plugin {routes[endpoint.name]!r} and in {plugin.name!r}"
            )
        routes[endpoint.name] = plugin.name
        try:
            Decoder(endpoint.request)
            if endpoint.response_models:
                Encoder(endpoint.response)
        except TypeError as error:
            raise CannotStart(f"route {endpoint.route} of plugin {plugin.name!r}: {error}") from error
        for model in (*members(endpoint.request), *endpoint.response_models):
            for name, part in component_names(model).items():
                where, known = schemas.setdefault(name, (endpoint.name, part))
                if known is not part:
                    raise CannotStart(
                        f"schema {name!r} is defined differently by {where} and by {endpoint.name}: "
                        "rename one, or one would overwrite the other in the API description"
                    )


def _check_texts(roster: Roster) -> None:
    """Refuses texts that are missing in a language or do not fit, of the service and of its plugins."""
    owner = "the service"
    try:
        check_own()
        for plugin in roster.plugins:
            owner = f"plugin {plugin.name!r}"
            for texts in plugin.texts:
                texts.check()
    except BadTexts as error:
        raise CannotStart(f"texts of {owner}: {error}") from error
