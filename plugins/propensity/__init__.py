"""Who is likely to act: one AutoML behind every question that is answered by a probability per customer."""

from abintel.endpoint import Plugin
from plugins.propensity.endpoints import propensity_respond_campaign

PLUGIN = Plugin("propensity", (propensity_respond_campaign.ENDPOINT,))
