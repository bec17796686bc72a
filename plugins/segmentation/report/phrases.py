"""Phrases about a cluster or a group of clusters, in the language of the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from abintel.wording import capital, money, number, percent
from plugins.segmentation.report.facts import Cluster
from plugins.segmentation.report.language import Language, frequency_decimals
from plugins.segmentation.report.picture import Picture
from plugins.segmentation.report.roles import Profile, Role, shade

LONGEST_LIST = 140
"""Most characters of a list of categories; one name may have a hundred."""

WHOLE_FROM = 10
"""An average spend from here on is written without decimals."""


@dataclass(frozen=True)
class Phrases:
    """The picture of the segmentation, the language, and how the report is written."""

    language: Language
    picture: Picture
    brief: bool
    currency: str | None

    @property
    def sole(self) -> bool:
        """Whether there is a single cluster and no outliers."""
        return len(self.picture.ranked) == 1

    @property
    def noise_only(self) -> bool:
        """Whether every customer is an outlier."""
        return not self.picture.regular

    @property
    def noise_reading(self) -> str:
        """What it means that every customer is an outlier."""
        return self.language.variant("noise.reading", 0)

    def say(self, key: str, **slots: object) -> str:
        """The sentence of a key, with its placeholders filled."""
        return self.language.say(key, **slots)

    def of_role(self, section: str, role: Role, profiles: Sequence[Profile], **slots: object) -> str:
        """The sentence of a section about a role, in the shade that fits the levels of the clusters."""
        shaded = f"{section}.{role}{shade(role, profiles)}"
        return self.say(shaded if shaded in self.language.words else f"{section}.{role}", **slots)

    def name(self, profiles: Sequence[Profile], slot: str = "who") -> dict[str, object]:
        """The placeholder that names clusters; see :meth:`Language.name`."""
        return self.language.name([profile.cluster for profile in profiles], slot)

    def names(self, first: Profile, second: Profile) -> dict[str, object]:
        """The placeholders that name two clusters, ``who`` and ``other``."""
        return self.name([first]) | self.name([second], "other")

    def money(self, value: float, decimals: int) -> str:
        """An amount."""
        return money(value, decimals, self.language.lang, self.currency)

    def average(self, spend: float, decimals: int = 0) -> str:
        """An average spend, with decimals if it is small."""
        return self.money(spend, 2 if 0 < spend < WHOLE_FROM else decimals)

    def frequency(self, value: float) -> str:
        """A mean number of purchases."""
        return number(value, frequency_decimals(value), self.language.lang)

    def shown(self, names: Sequence[str], words: int) -> list[str]:
        """The first categories that fit into this number of words; none if the first is too long."""
        fitting: list[str] = []
        for name in names[:3]:
            longer = [*fitting, name]
            if len(" ".join(longer).split()) > words or len(", ".join(longer)) > LONGEST_LIST:
                break
            fitting = longer
        return fitting

    @cached_property
    def group_slots(self) -> Mapping[Role, Mapping[str, object]]:
        """For each role, the placeholders that every section fills: its clusters and their categories."""
        return {
            role: {**self.name(members), **self._leading(members)} for role, members in self.picture.groups
        }

    def _leading(self, profiles: Sequence[Profile]) -> dict[str, str]:
        """The placeholders that tie an action to a group's leading categories; empty texts without any."""
        by_rank = [
            [profile.cluster.top_categories[rank : rank + 1] for profile in profiles] for rank in range(3)
        ]
        names = dict.fromkeys(name for rank in by_rank for leading in rank for name in leading)
        cats = self.language.join(self.shown(list(names), 10 if self.brief else 20))
        return {
            slot: self.language.part(f"cats.{slot}", cats=cats) if cats else ""
            for slot in ("around", "about", "in", "of", "colon")
        }

    def basket(self, cluster: Cluster, form: int, words: int) -> str:
        """The end of a portrait, which names the leading categories; empty without any."""
        cats = self.language.join(self.shown(cluster.top_categories, words))
        return self.language.variant("phrase.basket", form, cats=cats) if cats else ""

    def pace(self, cluster: Cluster, decimals: int) -> str:
        """An average spend of 591 and 8.8 purchases per customer."""
        key = "phrase.pace_unspent" if self.picture.unspent else "phrase.pace"
        spend = self.average(cluster.avg_spend, decimals)
        return self.language.part(key, spend=spend, purchases=self.language.purchases(cluster.avg_frequency))

    def earns(self, share: float) -> str:
        """Brings in 40.7% of revenue; in words near 0 and 100, where one decimal would be wrong."""
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
        return self.language.part(f"earns.{key}", share=percent(share / 100, 1, self.language.lang))

    def tags(self, profile: Profile) -> str:
        """What a cluster alone is, between commas, two things at most; empty if it is nothing alone."""
        if profile.role is Role.OUTLIER:
            keys = ["outliers"] if self.picture.regular else []
        else:
            two = "_two" if len(self.picture.ranked) == 2 else ""
            keys = [f"{tag}{two}" for tag in profile.tags[:2]]
        tags = [self.language.part(f"tag.{key}") for key in keys]
        return self.language.part("phrase.tags", tags=self.language.join(tags)) if tags else ""

    def portrait(self, profile: Profile, key: str, decimals: int, form: int, words: int) -> str:
        """The sentence with the figures of a cluster.

        Args:
            profile: the cluster.
            key: of a list of sentences.
            decimals: of the average spend.
            form: which sentence of the list, counted round it.
            words: most words of the categories.
        """
        cluster = profile.cluster
        sentence = self.language.variant(
            key,
            form,
            tags=self.tags(profile),
            size=self.language.size(cluster.n_customers),
            earns=self.earns(cluster.share_revenue_pct),
            pace=self.pace(cluster, decimals),
            basket=self.basket(cluster, form, words),
            **self.name([profile]),
        )
        return capital(sentence)
