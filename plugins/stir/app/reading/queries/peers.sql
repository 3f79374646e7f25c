-- The peer group of an account (part who): the thresholds between grades, by metric.
select
    peers.tableoid as source,
    peers.group_key,
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
    peers.measured_profiles
from {table} as peers
where peers.group_key = (select own.group_key from part_who as own)
