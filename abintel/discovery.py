"""Finds the installed plugins and rejects combinations that cannot be served together."""

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
_RESERVED_NAMES = {"to_async", "to_sync", "is_ready"}
"""Names of methods that BentoML's services have already."""
_MISSING_LIBRARY = re.compile(r"(lib[\w.+-]+\.so[\w.]*): cannot open shared object file")
_DEBIAN_PACKAGE = {"libgomp.so.1": "libgomp1", "libstdc++.so.6": "libstdc++6", "libz.so.1": "zlib1g"}
log = logging.getLogger(__name__)


class CannotStart(Exception):
    """The server cannot start; the text says why and what to do."""


@dataclass(frozen=True)
class Roster:
    """The plugins that are served.

    Attributes:
        plugins: the plugins, sorted by name.
        left_out: for each plugin that is not served, the reason and what to do about it, by name.
    """

    plugins: tuple[Plugin, ...]
    left_out: Mapping[str, str]

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """All endpoints, by plugin, each in its plugin's order."""
        return tuple(endpoint for plugin in self.plugins for endpoint in plugin.endpoints)

    def __iter__(self) -> Iterator[tuple[Plugin, Endpoint]]:
        for plugin in self.plugins:
            for endpoint in plugin.endpoints:
                yield plugin, endpoint


def discover(only: Collection[str] | None = None) -> Roster:
    """Loads the plugins of the entry-point group ``abintel.plugins``.

    Args:
        only: names of the plugins to serve; None serves all plugins whose requirements are installed.

    Raises:
        CannotStart: there is no plugin; a named plugin is missing or its requirements are not installed; a
            plugin cannot be imported; a route or a schema name is defined twice; the fast reader does not
            support a schema; a text is missing in a language; or another distribution provides one of our
            packages.
    """
    check_own_packages()
    plugins, left_out = [], {}
    for name, entry in _entry_points(only).items():
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
            # Libraries wrap the loader's OSError in their own exceptions.
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


def _entry_points(only: Collection[str] | None) -> dict[str, importlib.metadata.EntryPoint]:
    """The entry points of the plugins to serve, by name."""
    installed: dict[str, importlib.metadata.EntryPoint] = {}
    for entry in sorted(importlib.metadata.entry_points(group=GROUP), key=lambda entry: entry.name):
        if entry.name in installed and installed[entry.name].value != entry.value:
            raise CannotStart(
                f"two plugins are called {entry.name!r}: {installed[entry.name].value} and {entry.value}"
            )
        installed[entry.name] = entry
    unknown = sorted(set(only or ()) - set(installed))
    if unknown:
        raise CannotStart(
            f"ABINTEL_PLUGINS names {', '.join(unknown)}, but installed are: {', '.join(installed) or 'none'}"
        )
    return {name: entry for name, entry in installed.items() if only is None or name in only}


def missing_library(library: str) -> str:
    """What to do about a missing system library."""
    package = _DEBIAN_PACKAGE.get(library)
    if package is None:
        return f"the system library {library} is missing; install the package that brings it"
    return f"the system library {library} is missing; install it: apt-get install -y {package}"


def report(roster: Roster) -> None:
    """Logs the plugins and routes that are served, and the plugins that are not."""
    for plugin in roster.plugins:
        routes = ", ".join(endpoint.route for endpoint in plugin.endpoints)
        log.info("plugin %s: %s", plugin.name, routes)
    for name, reason in roster.left_out.items():
        log.warning("plugin %s is not served: %s", name, reason)


def check_own_packages() -> None:
    """Fails if another distribution provides one of our top-level packages, such as ``plugins``."""
    our_folder = None
    for name in OWN_PACKAGES:
        spec = importlib.util.find_spec(name)
        locations = list(spec.submodule_search_locations or []) if spec is not None else []
        if not locations:
            raise CannotStart(f"the package {name!r} is missing from this installation of abintel")
        folder = Path(locations[0]).resolve().parent
        our_folder = our_folder or folder
        if folder != our_folder or len(locations) > 1:
            raise CannotStart(
                f"the package {name!r} is another distribution's ({locations[0]}); "
                "install abintel into an environment of its own"
            )
    owners = importlib.metadata.packages_distributions()
    for name in OWN_PACKAGES:
        others = sorted(set(owners.get(name, ())) - {"abintel"})
        if others:
            raise CannotStart(
                f"the package {name!r} is also installed by {', '.join(others)}; "
                "install abintel into an environment of its own"
            )


def _absent_requirements(entry: importlib.metadata.EntryPoint) -> list[str]:
    """The distributions of the plugin's extra that are not installed. The extra has the plugin's name."""
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
        if endpoint.name in _RESERVED_NAMES:
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
                owner, existing = schemas.setdefault(name, (endpoint.name, part))
                if existing is not part:
                    raise CannotStart(
                        f"schema {name!r} is defined differently by {owner} and by {endpoint.name}: "
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
