{{
    config(
        materialized='incremental',
        engine='ReplacingMergeTree(_version)',
        order_by=['platform', 'post_shortcode', 'date'],
        partition_by='toYYYYMM(date)',
        query_settings={
            'do_not_merge_across_partitions_select_final': 1,
            'optimize_aggregation_in_order': 0,
            'enable_materialized_cte': 1,
            'min_insert_block_size_bytes': 402653184,
        },
        meta={
            'slices': {
                'of': 'stg_beat_post_log',
                'by': "toDate(parseDateTime(substring(part_name, 1, 6), '%Y%m'))",
            },
        },
        projections=[project_newest('ingested_at')],
        settings=merges_projections(),
        tags=['collections'],
    )
}}

-- Grain: one row per platform, post_shortcode, date (read with FINAL): what was seen of a post on a day, for every
-- consumer in both environments. A touched day is built again from all its events. Most days have one event, which is
-- the row already: to group what is alone costs five times as much as to pass it on
-- (docs/decisions/0021-skip-aggregation-for-single-event-days.md).
{%- set counters = list_post_counters() + ['reach', 'impressions'] %}
{% if is_incremental() -%}
with deliveries as (
    {{ select_post_events(ref('stg_beat_post_log')) }}
),

-- Without FINAL, which would read all of the history: an earlier delivery of an event touches the same day.
touched as (
    select distinct platform, post_shortcode, date
    from deliveries
    where {{ ingested_since('ingested_at') }}
),

events as (
    {{ select_post_events(ref_latest('stg_beat_post_log')) }}
)
{%- else %}
with deliveries as (
    {{ select_post_events(ref('stg_beat_post_log')) }}
),

-- Two days with the same hash are grouped, too; each is a group of its own.
shared as materialized (
    select day_hash
    from deliveries
    group by day_hash
    having count() > 1
),

redelivered as materialized (
    select day_hash
    from deliveries
    where day_hash in (select day_hash from shared)
    group by day_hash, cityHash64(profile_id, position)
    having count() > 1
),

-- Not read with FINAL: that holds a gigabyte of the parts' columns.
events as (
    select *
    from deliveries
    where
        day_hash in (select day_hash from shared)
        and day_hash not in (select day_hash from redelivered)
    union all
    select *
    from (
        select *
        from deliveries
        where day_hash in (select day_hash from redelivered)
        {{ keep_latest(['platform', 'profile_id', 'post_shortcode', 'position'], 'ingested_at', ties=['delivery']) }}
    )
)

select
    platform,
    post_shortcode,
    profile_id,
    handle,
    {%- for counter in counters %}
    {{ counter }},
    {%- endfor %}
    toUInt32(1) as event_count,
    date,
    event_at as last_event_at,
    ingested_at,
    {{ version_of('ingested_at') }} as _version
from deliveries
where day_hash not in (select day_hash from shared)
union all
{%- endif %}
select
    platform,
    post_shortcode,
    argMax(events.profile_id, position) as profile_id,
    argMax(events.handle, position) as handle,
    {%- for counter in counters %}
    max(events.{{ counter }}) as {{ counter }},
    {%- endfor %}
    toUInt32(count()) as event_count,
    date,
    max(event_at) as last_event_at,
    max(events.ingested_at) as ingested_at,
    {{ version_of('max(events.ingested_at)') }} as _version
from events
{%- if is_incremental() %}
where
    (platform, post_shortcode, date) in (select platform, post_shortcode, date from touched)
    and event_at >= (select toDateTime(min(date), '{{ var("time_zone") }}') from touched)
{%- endif %}
group by platform, post_shortcode, date
