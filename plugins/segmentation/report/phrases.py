"""Phrases about one cluster or a group of them, in the language of the report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from plugins.segmentation.report import numbers
from plugins.segmentation.report.facts import Cluster
from plugins.segmentation.report.language import Language
from plugins.segmentation.report.roles import Picture, Profile, Role, shade

LONGEST_LIST = 140
"""Characters a list of categories may have; category names can be a hundred each."""

WHOLE_FROM = 10
"""An average spend under this keeps its decimals, which a whole number would lose."""

_PREPOSITIONS = ("around", "about", "in", "of")


class Phrases(NamedTuple):
    """The picture, the language, and how the report is written."""

    language: Language
    picture: Picture
    brief: bool
    currency: str | None

    @property
    def sole(self) -> bool:
        """There is one cluster and nothing beside it."""
        return len(self.picture.ranked) == 1

    @property
    def noise_only(self) -> bool:
        """Every customer is an outlier."""
        return not self.picture.regular

    def say(self, key: str, **slots: str) -> str:
        """The sentence of `key`, filled."""
        return self.language.say(key, **slots)

    def of_role(self, section: str, role: Role, profiles: Sequence[Profile], **slots: str) -> str:
        """The sentence of a section about a role, in the shade that fits the levels of the clusters."""
        shaded = f"{section}.{role}{shade(role, profiles)}"
        return self.say(shaded if shaded in self.language.sentences else f"{section}.{role}", **slots)

    def name(self, profiles: Sequence[Profile], suffix: str = "who") -> dict[str, str]:
        """The slots that name the clusters; see :meth:`Language.name`."""
        return self.language.name([one.cluster for one in profiles], suffix)

    def names(self, first: Profile, second: Profile) -> dict[str, str]:
        """The slots that name two clusters, who and other."""
        return self.name([first]) | self.name([second], "other")

    def money(self, value: float, decimals: int = 0) -> str:
        """An amount, whole unless told otherwise."""
        return numbers.money(value, decimals, self.language.code, self.currency)

    def average(self, spend: float, decimals: int = 0) -> str:
        """An average spend, with its decimals where it is small."""
        return self.money(spend, 2 if 0 < spend < WHOLE_FROM else decimals)

    def shown(self, names: Sequence[str], words: int) -> list[str]:
        """The first categories that fit into so many words; none if the first is too long."""
        kept: list[str] = []
        for name in names[:3]:
            longer = [*kept, name]
            if len(" ".join(longer).split()) > words or len(", ".join(longer)) > LONGEST_LIST:
                break
            kept = longer
        return kept

    def of_group(self, profiles: Sequence[Profile]) -> dict[str, str]:
        """The slots that tie an action to the leading categories of a group; empty where it has none."""
        ranks = [[one.cluster.top_categories[at : at + 1] for one in profiles] for at in range(3)]
        mixed = dict.fromkeys(name for rank in ranks for names in rank for name in names)
        listed = self.language.join(self.shown(list(mixed), 10 if self.brief else 20))
        slots = {
            slot: " " + self.language.part(f"cats.{slot}", cats=listed) if listed else ""
            for slot in _PREPOSITIONS
        }
        return slots | {"colon": f": {listed}" if listed else ""}

    def basket(self, cluster: Cluster, form: int, words: int) -> str:
        """The end of a portrait that tells the leading categories; empty where there are none."""
        listed = self.language.join(self.shown(cluster.top_categories, words))
        return self.language.part(f"basket.{form % 3}", cats=listed) if listed else ""

    def pace(self, cluster: Cluster, decimals: int) -> str:
        """An average spend of 591 and 8.8 purchases per customer."""
        key = "pace.unspent" if self.picture.unspent else "pace"
        spend = self.average(cluster.avg_spend, decimals)
        return self.language.part(key, spend=spend, purchases=self.language.pace(cluster.avg_frequency))

    def earns(self, share: float) -> str:
        """Brings in 40.7% of revenue; in words at the two ends, where one decimal would not be true."""
        code = self.language.code
        if share <= 0:
            key = "none"
        elif share < 0.05:
            key = "trace"
        elif share >= 100:
            key = "all"
        elif share >= 99.95:
            key = "nearly"
        else:
            key = "part"
        return self.language.part(f"earns.{key}", share=numbers.percent(share, code))

    def tags(self, profile: Profile) -> str:
        """What the cluster alone is, between commas, two things at most; empty where it is nothing."""
        if profile.role is Role.OUTLIER:
            found = [self.language.part("tag.outliers")] if self.picture.regular else []
        else:
            two = ".two" if len(self.picture.ranked) == 2 else ""
            found = [self.language.part(f"tag.{tag}{two}") for tag in profile.tags[:2]]
        return self.language.part("tags", tags=self.language.join(found)) if found else ""

    def portrait(self, profile: Profile, key: str, decimals: int, form: int, words: int) -> str:
        """The sentence with the numbers of a cluster, in one of three forms."""
        cluster = profile.cluster
        return self.say(
            f"{key}.{form % 3}",
            tags=self.tags(profile),
            size=self.language.size(cluster.n_customers),
            earns=self.earns(cluster.share_revenue_pct),
            pace=self.pace(cluster, decimals),
            basket=self.basket(cluster, form, words),
            **self.name([profile]),
        )
