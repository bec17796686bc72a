"""The report in English."""

from __future__ import annotations

from plugins.segmentation.report.english_actions import ACTIONS, TREE
from plugins.segmentation.report.language import Language, book

_FRACTIONS = (
    "one in twenty customers",
    "one in ten customers",
    "a fifth of customers",
    "a quarter of customers",
    "a third of customers",
    "half of customers",
    "two thirds of customers",
    "three quarters of customers",
    "nine in ten customers",
)

_SENTENCES = """
interpretation | {size}, avg spend {spend}, {frequency} purchases/mo.
interpretation.categories | Top categories: {cats}.
auto.largest | {who} has the most customers ({n}).
auto.largest.tied | {who} share the highest number of customers ({n} each).
auto.largest.all | {who} have equally many customers ({n}).
auto.richest | {who} shows the highest average ticket ({spend}).
auto.richest.tied | {who} share the highest average ticket ({spend}).
auto.richest.all | {who} have the same average ticket ({spend}).
auto.earner | {who} generates {share} of total revenue.
auto.earner.tied | {who} each generate {share} of total revenue, the highest share.
auto.earner.all | {who} generate equal shares of total revenue ({share}).
auto.everyone | all clusters
auto.unspent | No revenue is recorded for any cluster.
auto.outliers | {who} holds the outliers ({size}), which fit no segment.
auto.noise | Every customer is an outlier: no segment emerged.
auto.even | The clusters are nearly equal in size.
auto.same | All clusters share the same leading categories.
auto.dormant | Low spend and low frequency coincide {in_who}.

outdoes.slightly | is somewhat above
outdoes.sesqui | is about one and a half times
outdoes.sesqui.over | is more than one and a half times
outdoes.about | is about {n}
outdoes.nearly | is nearly {n}
outdoes.over | is more than {n}
times.10 | ten times
times.20 | twenty times
times.100 | a hundred times
times.1000 | a thousand times
tag.largest.two | the larger of the two
tag.earner.two | the bigger earner
tag.richest.two | the higher in average spend
tag.busiest.two | the more frequent buyer
tag.smallest.two | the smaller of the two
tag.largest | the largest segment
tag.earner | the top earner
tag.richest | the highest in average spend
tag.busiest | the most frequent buyer
tag.smallest | the smallest segment
tag.outliers | the set of outliers
tags | , {tags},
differ.spend | average spend
differ.frequency | purchase frequency
differ.mix | leading categories
level.1 | well below average
level.2 | below average
level.3 | close to average
level.4 | above average
level.5 | well above average
earns.none | brings in no revenue
earns.trace | brings in a negligible share of revenue
earns.part | brings in {share} of revenue
earns.nearly | brings in practically all revenue
earns.all | brings in all revenue
pace | an average spend of {spend} and {purchases}
pace.unspent | an average of {purchases}
basket.0 | ; the basket is led by {cats}
basket.1 | ; its shopping revolves around {cats}
basket.2 | , and its mix is marked by {cats}
cats.around | around {cats}
cats.about | about {cats}
cats.in | in {cats}
cats.of | of {cats}

open.sole | The analysis keeps the whole customer base in a single segment, {who}, with no internal
 boundaries.
open.noise | No stable segment emerged: every customer was set aside in {who}, the label reserved for
 outliers.
open.few | The customer base divides into {count} distinct segments.
open.even | The customer base divides into {count} segments that closely resemble one another in spend and
 frequency.
open.many | The customer base divides into {count} segments, too many to manage one by one, so this summary
 concentrates on those that decide the result.
open.many.outliers | Beside them stand the outliers, {who}, which fit no segment.
open.one.outliers | The customer base forms one segment, {who}, beside a set of outliers that do not fit it.
open.outliers | The customer base divides into {count} segments, beside a set of outliers that fit none of
 them.
differ | They differ above all in {differences}.
unspent | No spend is recorded for these customers, so this reading rests on purchase frequency and product
 choice alone.
dominant.both | {who} dominates in headcount and in revenue alike, so the overall result moves with it.
dominant.size | {who} gathers {fraction}, although its weight in revenue is smaller.
dominant.size.plain | {who} gathers {fraction}, so it sets the pace for the whole.
dominant.noise | The outliers are the majority: {who} gathers {fraction}, so the segments describe only the
 rest.
dominant.revenue | Revenue depends on {who}, which gathers {fraction}.
tiny | Small in headcount but large in value, {who} weighs far more than its size: its share of revenue
 {outdoes} its share of customers.
even.size | The segments are similar in size, so none can be set aside for lack of volume.
spread | No single segment dominates, so the result depends on the balance among them.
spread.two | Neither segment dominates, so the result depends on the balance between the two.
rival | In revenue, {other} comes close to {who} with far fewer customers.
portrait.0 | {who}{tags} gathers {size} and {earns}, with {pace}{basket}.
portrait.1 | On {pace}, {who}{tags} {earns} from {size}{basket}.
portrait.2 | With {size}, {who}{tags} {earns} and shows {pace}{basket}.
portrait.unspent.0 | {who}{tags} gathers {size}, with {pace}{basket}.
portrait.unspent.1 | On {pace}, {who}{tags} takes in {size}{basket}.
portrait.unspent.2 | With {size}, {who}{tags} shows {pace}{basket}.
rest.one | {who} completes the picture.
rest | {who} complete the picture.
gap.frequency | The average spend {of_who} {outdoes} that {of_other}, chiefly because it buys more often.
gap.basket | The average spend {of_who} {outdoes} that {of_other}, chiefly because each purchase is worth
 more.
gap.rarer | The average spend {of_who} {outdoes} that {of_other} even though it buys less often: its
 purchases are worth more.
gap.both | The average spend {of_who} {outdoes} that {of_other}, for two reasons that add up: it buys more
 often and each purchase is worth more.
mix.none | No product categories are recorded, so tastes remain to be explored.
mix.same | The same categories lead in every segment, so product choice does not tell them apart.
mix.shared | {who} have {cats} in common among their leading categories, a natural bridge for joint
 campaigns.
mix.shared.plain | Some leading categories are common to several segments, a natural bridge for joint
 campaigns.
mix.distinct | No leading category is common to two segments, which makes it easy to address each one by
 product.
dormant | Little spend and little activity in {who}, with {fraction}, point to relationships that may be
 lapsing.
outliers.apart | The customers set aside {in_who} should be examined case by case before they receive any
 offer.
priorities.one | The priority is to {goals}.
priorities | The priorities are to {goals}.
small | With so few customers, the figures {of_who} are an indication rather than a rule.
sole.0 | With nothing beside it, its averages are best taken as the baseline against which later results can
 be measured.
sole.1 | A single profile does not mean that all customers are alike; it means only that this division does
 not separate them.
sole.2 | A finer division, or further data such as recency, margin, or channel, may reveal groups that spend
 and frequency alone do not show.
sole.3 | Until then, one common programme, adjusted to what each customer has already bought, is the sensible
 course.
noise.0 | The method looks for dense groups and found none with these settings, so its averages describe a
 mixture and not a type of customer.
noise.1 | Wider neighbourhoods, a smaller minimum group, or another method should be tried before any
 decision rests on this result.
noise.2 | Until then, it is prudent to treat customers individually, by what each has bought.
fill.0 | Effort should follow value: personal attention where most is at stake, and simple automation
 elsewhere.
fill.1 | Each action should be tried first on part of the audience, beside a comparable group without it, so
 that its effect can be told from ordinary variation.
fill.2 | The sections that follow propose offers, channels, product pairings, and retention measures.
fill.3 | These profiles describe recorded purchases; the motives behind them are an interpretation, to be
 confirmed with customers before large budgets are committed.
fill.4 | Averages hide differences between individual customers, so large decisions should also look at how
 widely they spread.
fill.5 | Repeating the analysis at regular intervals will show who changes profile, often the earliest sign
 that an action works or that a relationship is cooling.
fill.6 | A sample of customers should be checked against their original orders, because a profile that nobody
 in the business recognises is not yet a basis for spending.

analysis.order | The segments are described by revenue, from the highest to the lowest.
analysis.order.unspent | With no revenue to rank them, the segments are described by size, from the largest
 to the smallest.
analysis.order.outliers | The outliers come last.
analysis.sole | There is a single profile to describe, so its averages are also those of the whole base.
analysis.beside | Only one segment stands beside the outliers, so it has no other to be compared with.
analysis.0 | {who}{tags} counts {size} and {earns}, with {pace}{basket}.
analysis.1 | On {pace}, {who}{tags} {earns} from {size}{basket}.
analysis.2 | {who}{tags} {earns} and takes in {size}, with {pace}{basket}.
levels.same | Both its spend and its frequency are {spend}.
levels | Its spend is {spend} and its frequency {frequency}.
levels.frequency | Its frequency is {frequency}.
analysis.reference | The averages used for comparison leave the outliers out.
analysis.left | The segments not described here are {who}.
analysis.left.one | The only segment not described here is {who}.
range.spend | Across the whole, average spend runs from {low} in {who} to {high} in {other}.
range.frequency | Purchases per customer run from {low} in {who} to {high} in {other}.
ratio.spend | Between the two extremes in spend, the average {of_who} {outdoes} that {of_other}.
ratio.spend.tied | The average spend {of_who} {outdoes} that {of_other}.
ratio.frequency | The purchase frequency {of_who} {outdoes} that {of_other}.
ratio.flat | Average spend hardly changes from one segment to another.
analysis.weight | Headcount and revenue should be read together: a large segment matters for volume, and a
 well-spending one for what each customer leaves.
analysis.caution | An average can be moved by a few customers, above all in small segments, so the figures
 serve to compare segments rather than to describe each person in them.
analysis.caution.sole | An average can be moved by a few customers, so the figures describe the group and
 not each person in it.
"""

_ROLES = """
reading.core | Its headcount makes it the base on which everyday volume rests.
reading.loyal | It combines above-average spend with above-average frequency, the profile of the best
 customers.
reading.premium.above | On average, its customers spend more than usual, which justifies personal care.
reading.premium.well | On average, its customers spend well above the usual amount, which justifies personal
 care.
reading.premium.far | On average, its customers spend far more than usual, which justifies personal care.
reading.big_ticket | Its strength lies in the amount spent rather than in how often it buys.
reading.frequent | It buys more often than average but spends less per purchase, so the room to grow is in
 the basket.
reading.active | It is busier than average, although no spend is on record.
reading.occasional | It buys less often than average, so the room to grow is in the next visit.
reading.thrifty | It buys at about the usual pace but spends less than average.
reading.thrifty.off | It spends less than average, so the room to grow is in the amount.
reading.dormant | Its low spend and low frequency suggest customers who drift away or never got going.
reading.steady | It sits close to the average and is a fair picture of the typical customer.
reading.steady.off | It departs only moderately from the average.
reading.outlier | These customers fit no segment and are better read one by one than as a profile.
reading.sole | It stands as the reference for everything that follows.

goal.core | raise the spend {of_who} step by step
goal.loyal | reward {who} with recognition
goal.premium | protect {who} with personal attention
goal.big_ticket | give {who} reasons to return after each large purchase
goal.frequent | enlarge the basket {of_who}
goal.active | turn the activity {of_who} into revenue
goal.occasional | shorten the time between purchases in {who}
goal.thrifty | lead {who} towards better-value products
goal.dormant | test a low-cost return campaign in {who}
goal.steady | use product choice to personalise {who}
goal.outlier | review {who} case by case
goal.sole | build one common programme for {who} while looking for finer differences

insight.core | The pattern {of_who} points to everyday, practical buying{around}; convenience, availability,
 and a fair price probably weigh more than novelty.
insight.loyal | High spend joined to high frequency in {who} suggests an established relationship{around}, in
 which recognition and being heard are likely to matter more than price.
insight.premium | High spend in a small circle, as in {who}, suggests demanding buyers{of}, likely to look
 for quality, advice, and service before price.
insight.big_ticket | In {who}, larger amounts{in} without a much higher frequency suggest planning,
 comparison, and a need for reassurance before deciding.
insight.frequent | Frequent, smaller purchases{of} in {who} suggest habit and replenishment; ease and speed
 are likely to matter more than a wide choice.
insight.active | Frequent activity in {who}{around} suggests an interest that spend does not yet reflect.
insight.occasional | Infrequent purchases{of} in {who} suggest buying when a need arises, perhaps with other
 shops covering the rest.
insight.thrifty | An ordinary pace with modest amounts{in} in {who} suggests attention to price or a narrow
 selection.
insight.thrifty.off | Modest amounts{in} in {who} suggest attention to price or a narrow selection.
insight.dormant | Little spend and little activity in {who} suggest fading interest, an unmet need, or an
 early purchase{of} that did not become a habit.
insight.steady | With spend and frequency near the average, the best clue to the needs {of_who} is probably
 product choice{colon}.
insight.steady.off | As neither spend nor frequency departs far from the average, the best clue to the needs
 {of_who} is probably product choice{colon}.
insight.outlier | Customers in {who} resemble neither the rest nor, probably, one another; only an individual
 look will tell whether they are exceptional buyers, companies, or errors in the data.
insight.sole | The single profile {of_who} suggests broad, shared needs{around}; individual differences are
 likely to lie in product choice and timing, which averages do not show.
"""

ENGLISH = Language(
    code="en",
    names={
        "who": ("Cluster", "Clusters"),
        "of_who": ("of Cluster", "of Clusters"),
        "to_who": ("to Cluster", "to Clusters"),
        "in_who": ("in Cluster", "in Clusters"),
    },
    others=("one other", "{n} others", "more than twenty others"),
    counts=(
        *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
        *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
        *("twenty", "more than twenty"),
    ),
    times=(
        *("no times", "once", "twice", "three times", "four times", "five times", "six times"),
        *("seven times", "eight times", "nine times", "ten times"),
    ),
    sizes=("{n} customer", "{n} customers"),
    purchases=("{n} purchase per customer", "{n} purchases per customer"),
    singular_below=0,
    joiner="and",
    serial_comma=True,
    fractions=(
        *(f"about {part}" for part in _FRACTIONS),
        *(f"more than {part}" for part in _FRACTIONS),
        "a very small part of customers",
        "nearly all customers",
    ),
    sentences=book(_SENTENCES) | book(_ROLES) | book(ACTIONS) | book(TREE),
)
