"""What to do about each role, and what the hierarchy says, in English."""

from __future__ import annotations

ACTIONS = """
insights.open | Read as behaviour, these figures suggest different needs; each reading is a hypothesis to be
 checked with the customers themselves.
insights.open.even | Since the segments spend and buy so alike, their needs probably differ less in budget
 than in taste.
insights.open.sole | The figures say what customers do and only hint at why, so this reading is a hypothesis
 to be checked with the customers themselves.
insights.frequency | The contrast between {who} and {other} is mainly one of habit, which suggests that
 attention and convenience count for more than price level.
insights.basket | The contrast between {who} and {other} is mainly one of amount, which suggests that trust
 in larger purchases counts for more than constant contact.
insights.both | From {other} to {who}, habit and amount grow together, a sign that confidence may build with
 each purchase.
insights.close | Short interviews with a few customers of each profile would show which of these readings
 hold before they become messages.
insights.close.sole | Short interviews with a few customers would show whether this reading holds before it
 becomes a message.

marketing.open | The offer should change with the part that each segment plays.
marketing.open.sole | With one segment, the offer can be common and the personalisation individual.
noise.open | As no segment emerged, only a general course can be proposed here.
marketing.core | For {who}, packs{of}, together with points for every additional purchase, can raise spend
 without depending on discounts.
marketing.loyal | With {who}, put recognition before discounts: early access to new arrivals{in}, and
 benefits that grow with use.
marketing.premium | For {who}, stress quality, guarantees, and expert advice{about}, with limited editions
 rather than price cuts.
marketing.big_ticket | For {who}, make large purchases{of} easier through comparisons, demonstrations, and
 payment in instalments.
marketing.frequent | For {who}, raise the value of each visit with multi-item packs{of}, plus a minimum for
 free delivery.
marketing.active | For {who}, check how purchases are billed and then test a paid introductory offer{around}.
marketing.occasional | For {who}, create reasons to return: a benefit for the next purchase, and reminders
 when it is time to renew supplies{of}.
marketing.thrifty | For {who}, show better-value versions and larger formats{of}, one step at a time.
marketing.dormant | For {who}, keep spending low: a short return campaign{around}, one clear incentive, and
 nothing more for those who do not respond.
marketing.steady | For {who}, let interest rather than amount choose the message, with themed
 campaigns{around}.
marketing.outlier | For {who}, avoid mass campaigns; examine the cases first and make an offer only to those
 that prove genuine.
marketing.sole | For {who}, start from a common proposal{around}, and personalise it with the latest
 purchases of each customer.
marketing.sole.more | Campaigns with a few variants will also show which customers respond differently,
 often the first hint of finer segments.
marketing.even | Because the segments spend and buy alike, price tiers would add little; the creative theme
 should carry the difference.
marketing.themes | The natural themes are {themes}.
marketing.same | Since the same categories lead everywhere, vary format, price, and service rather than
 product.
marketing.many | Segments that play the same part can share one programme; otherwise effort is spread too
 thin.
marketing.tiny | Reserve the costliest attention for {who}: few customers carry a large part of revenue
 there.
marketing.close | Every offer should be judged by the additional purchases it brings, against customers who
 did not receive it, and not by clicks or redeemed coupons.

channel.open | Channels should follow value and habit: people where each customer is worth it, automation
 where volume calls for it.
channel.open.sole | With a single profile, consistency across channels matters more than variety.
channel.core | To reach {who}, combine email, app notifications, and displays{of} at the point of sale, which
 cover a wide audience at low cost.
channel.loyal | With {who}, use the spaces that customers already visit: the app, the account page, and
 direct messages with a personal selection{of}.
channel.premium | For {who}, prefer people to automation: an assigned adviser, telephone, and private
 messages{about}.
channel.big_ticket | For {who}, join search advertising and buying guides{about} to expert help by chat or in
 store.
channel.frequent | For {who}, favour immediacy: the app, short messages when supplies are likely to run out,
 and quick reordering{of}.
channel.active | For {who}, stay where the activity already takes place, with useful content{about}.
channel.occasional | For {who}, send well-timed reminders{about} by email or messaging, backed by moderate
 advertising to previous buyers.
channel.thrifty | For {who}, use catalogues, shelf signs, and comparisons{about} that show the better option
 at the moment of choice.
channel.dormant | For {who}, rely on inexpensive messages{about}, first by email and later by text, and stop
 after a few unanswered attempts.
channel.steady | For {who}, newsletters and social media{about} can do most of the work, on one calendar with
 varied content.
channel.outlier | For {who}, contact by a person is preferable to any automatic flow until each case is
 understood.
channel.sole | For {who}, one calendar for email, app, store, and social media{about} keeps the message
 coherent and easy to measure.
channel.many | With so many segments, choose the channel by role and not segment by segment, so that the plan
 remains manageable.
channel.consent | This analysis holds no channel data, so preferences should be confirmed with contact
 permissions and response records.
channel.close | Whatever the channel, set a ceiling of contacts per customer and keep one record of replies,
 so that messages do not contradict one another.

cross.open | Pairings start from what customers already buy.
cross.open.none | No categories are recorded, so the first task is to find out from orders which products are
 bought together.
cross.pair.0 | {in_who}, offer {a} together with {b}{third}.
cross.pair.1 | For {who}, a set of {a} and {b} at a joint price is the natural test{third}.
cross.pair.2 | When a customer of {who} adds {a} to the basket, suggest {b}{third}.
cross.third.0 | , and propose {c} at the end of the order
cross.third.1 | , with {c} as an optional addition
cross.third.2 | , leaving {c} for the follow-up message
cross.single | {in_who}, look for what goes with {a}: accessories, spare parts, or services that extend its
 use.
cross.blank | Without recorded categories {in_who}, suggestions there should come from the latest order of
 each customer.
cross.long | {in_who}, start from the leading category and suggest what its buyers usually add to the order.
cross.across | To broaden {other}, introduce {a}, a leading category of {who} that does not figure among the
 first ones {of_other}.
cross.back | In the opposite direction, {a}, prominent in {who}, can complete orders in {other}.
cross.shared | As a bridge between {who}, {cats} can carry one joint campaign, with a different price level
 for each.
cross.shared.bare | A category that leads in {who} alike can serve as the bridge between them, in one joint
 campaign.
cross.same | As the same categories lead everywhere, growth is more likely to come from better versions,
 larger formats, and services than from new products.
cross.sole | With a single segment, the order of purchases is the best guide: what usually follows a first
 product can be suggested to those who have only that one.
cross.rest | For the other segments, the same method applies: start from the leading category and look for
 its usual company.
cross.cash | Services such as delivery, installation, maintenance, or extended warranty can accompany any of
 these pairings where the product allows it.
cross.close | Each pairing should be confirmed in the order history before launch: leading in the same
 segment does not prove that two products are bought together.

retention.open | Retention is worth most where losing a customer costs most.
retention.open.unspent | Without revenue to weigh, retention should begin with those who buy most often.
retention.open.sole | With a single segment, retention has to look at each customer's own rhythm.
retention.core | {in_who}, protect regularity with points, a quick answer to any incident, and reminders to
 renew supplies{of}.
retention.loyal | With {who}, reward continuity: visible levels, exclusive benefits{in}, and a direct line
 for any problem.
retention.premium | For {who}, name a contact, follow up each purchase{of}, and act at the first sign of
 silence.
retention.big_ticket | After each large purchase{of} in {who}, offer installation, warranty, and maintenance:
 service fills the time until the next one.
retention.frequent | {in_who}, watch the rhythm: a longer pause than usual is the first warning, and a
 subscription or automatic reorder{of} helps to prevent it.
retention.active | {in_who}, keep the habit alive with useful content{about} and watch for drops in activity.
retention.occasional | {in_who}, shorten the pause between purchases{of} with a limited benefit that starts
 right after each order.
retention.thrifty | {in_who}, reward gradual growth: a small benefit for each step up{in} protects margin and
 builds habit.
retention.dormant | {in_who}, ask before insisting: a brief survey on what was missing, a single incentive to
 return, and a courteous farewell to those who do not reply.
retention.steady | {in_who}, keep steady contact, watch for individual declines, which averages conceal, and
 thank repeat purchases{of}.
retention.outlier | {in_who}, pick out the customers of real value by hand and follow them personally; the
 rest need no programme.
retention.sole | For {who}, an alert at any unusual pause in purchases{of}, followed by a personal message,
 is the most useful protection.
retention.sole.more | Those whose pauses grow longest, measured against their own past, are the ones to
 contact first.
retention.tiny | A few departures from {who} would be felt in revenue long before they are seen in headcount.
retention.dominant | Because so much revenue rests on {who}, its trend deserves to be followed more closely
 than any other.
retention.reasons | A complaint solved well retains more than a voucher, so service should know which segment
 each customer belongs to.
retention.close | Measure retention segment by segment, beside a group that receives no action, so that the
 programme is credited only with what it adds.
retention.close.sole | Measure retention beside a group that receives no action, so that the programme is
 credited only with what it adds.

steps.open | First, present these profiles to marketing, sales, and service, and agree on a name and a person
 in charge of each.
steps.open.sole | First, present this profile to marketing, sales, and service, and agree on who takes charge
 of the common programme.
steps.check | Before acting, compare a sample of customers with the original orders, so that the profiles
 rest on sound data.
steps.core | For {who}, prepare a test of packs{of} with a comparison group and a clear target for average
 spend.
steps.loyal | For {who}, define the benefits of a recognition programme, what they cost, and who qualifies.
steps.premium | For {who}, draw up the list of customers by name and assign a contact to each.
steps.big_ticket | For {who}, study how customers decide on purchases{of}, and add help at the point where
 most of them hesitate.
steps.frequent | For {who}, test a minimum for free delivery slightly above the usual order.
steps.active | For {who}, verify how purchases are recorded, since activity without spend may be a fault in
 the data.
steps.occasional | For {who}, set up reminders{about}, and compare the pause between purchases before and
 after.
steps.thrifty | For {who}, choose a few larger formats{of}, and test them at the moment of choice.
steps.dormant | For {who}, run one return campaign with a spending ceiling and decide afterwards whether to
 go on.
steps.steady | For {who}, test two themed messages{around}, and keep the one that sells more.
steps.outlier | For {who}, check the records case by case, correct any errors, and repeat the segmentation.
steps.sole | For {who}, try a division with more segments or more variables, and compare it with this one.
steps.merge | With so many segments, consider joining those that play the same part before assigning budgets.
steps.even | Since the segments resemble one another, also try a division into fewer groups and keep it if it
 serves equally well.
steps.board | Keep a simple scoreboard of size, spend, frequency, and revenue share by segment, so that
 everyone decides from the same figures.
steps.close | Finally, repeat the segmentation at regular intervals and follow who moves from one segment to
 another: those movements show whether the plan works.
steps.close.sole | Finally, repeat the analysis at regular intervals and compare the results with this
 baseline.
"""

TREE = """
tree.single | The tree was not split: with a single segment there are no branches to compare, and the
 hierarchy adds no relatives, distances, or paths between groups.
tree.single.next | Cutting the tree at a lower level would show whether finer groups hide inside the segment.
tree.crossed | The labels come from another method than this hierarchy and cross its branches, so the tree
 does not explain the segments.
tree.crossed.next | It is best read as a second opinion: where both methods agree on a group of customers,
 that group deserves more confidence.
tree.foreign | The labels come from another method than this hierarchy, so segments and branches do not
 coincide exactly.
tree.foreign.main | What follows holds for the main branch of each segment, the one that gathers most of its
 customers.
tree.two | The tree has one join to explain, at which {who} and {other} meet.
tree.two.deep | It lies at the very top, so these are the two basic families of the customer base.
tree.two.inner | It lies below the top of the tree, whose upper splits run through the segments themselves.
tree.closest | {both} are the closest relatives, the first to join as the tree is climbed.
tree.shallow | They join low in the tree, a shallow split, so the border between them is soft and some
 customers could belong to either.
tree.middle | They join at middle height, so the border is real, though not absolute.
tree.deep | Even so, they join high in the tree, a deep split, so the border between them is clear.
tree.apart | {who} stands apart: it joins the rest only in the last step.
tree.families | The last join divides the base into two families: {who} on one side, and {other} on the
 other.
tree.top | The last split is by far the deepest, and the others are refinements within what it separates.
tree.level | Other splits are almost as deep as the last, so a simple division in two would not do justice to
 the base.
tree.path | As for migration, the most natural path leads from {who} to {other}, its closest relative, where
 average spend is higher.
tree.path.flat | As for migration, moves between {who} and {other} are plausible in either direction, since
 average spend differs little.
tree.far | Moving customers between {who} and the rest would ask for a larger change of habit, so
 expectations should be modest.
tree.rival.shared | As for cannibalisation, both have {cats} among their leading categories, so prices and
 promotions should be coordinated.
tree.rival.distinct | The risk of cannibalisation looks low between them, because their leading categories do
 not coincide.
tree.rival | To limit cannibalisation, an offer for one should be checked for its effect on sales in the
 other.
tree.synergy | As for synergy, near relatives can share calendar, creative work, and service, whereas groups
 that meet only high in the tree call for proposals of their own.
tree.close | The tree measures likeness in the variables used, not loyalty or intention.
"""
