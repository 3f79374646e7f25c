-- A peer group: thresholds, means and the histogram of the engagement.
select
    peers.tableoid as source,
    peers.group_key,
    peers.platform,
    peers.group_kind,
    peers.country,
    peers.category,
    peers.follower_group,
    peers.profiles,
    peers.p40,
    peers.p60,
    peers.p75,
    peers.p90,
    peers.mean,
    peers.measured_profiles,
    peers.engagement_bin_metric,
    peers.engagement_bin_start,
    peers.engagement_bin_end,
    peers.engagement_bin_height
from {table} as peers
where peers.group_key = %(group_key)s
