{#- A model's body. Every day of every post that an environment's collections report on, from its first to its last
    observation (none after as_of()). A counter is the greatest seen so far: a day without an observation carries it
    on, and one that fell does not fall here. Reach and impressions, once measured, hold for the days before as
    well. Reads events and observations, never a series, so that the graph has no cycle. -#}
{% macro fill_collection_posts(environment) -%}
with listed as (
{{ select_listed_posts(environment) }}
),

tracked as (
{{ select_tracked_profiles(environment) }}
),

wanted as (
    select platform, post_shortcode from listed
    union distinct
    -- from the events, which stand by profile: by what is observed, every day of every post would be looked at
    select platform, shortcode as post_shortcode
    from {{ ref('stg_beat_post_log') }}
    where (platform, profile_id) in (select platform, profile_id from tracked) and {{ ingested_until('ingested_at') }}
),

observed as (
    select *
    from {{ ref_latest('mart_collection_post_observation') }}
    where
        date <= {{ as_of_date() }}
        and (platform, post_shortcode) in (select platform, post_shortcode from wanted)
),

carried as (
    select
        observed.platform as platform,
        observed.post_shortcode as post_shortcode,
        argMax(observed.profile_id, observed.date) over whole as profile_id,
        {%- for counter in list_post_counters() %}
        max(observed.{{ counter }}) over so_far as {{ counter }},
        {%- endfor %}
        {%- for counter in ['reach', 'impressions'] %}
        coalesce(
            max(nullIf(observed.{{ counter }}, 0)) over so_far,
            argMin(nullIf(observed.{{ counter }}, 0), observed.date) over whole
        ) as measured_{{ counter }},
        {%- endfor %}
        observed.date as observed_date,
        leadInFrame(observed.date, 1, addDays(observed.date, 1)) over whole as next_date,
        max(observed.last_event_at) over so_far as last_event_at
    from observed
    window
        so_far as (
            partition by observed.platform, observed.post_shortcode
            order by observed.date
            rows between unbounded preceding and current row
        ),
        whole as (
            partition by observed.platform, observed.post_shortcode
            order by observed.date
            rows between unbounded preceding and unbounded following
        )
),

spread as (
    select *, arrayJoin(range(toUInt32(next_date - observed_date))) as days_later
    from carried
)

select
    platform,
    post_shortcode,
    profile_id,
    {%- for counter in list_post_counters() %}
    {{ counter }},
    {%- endfor %}
    measured_reach,
    measured_impressions,
    toBool(days_later > 0) as is_imputed,
    addDays(observed_date, days_later) as date,
    last_event_at
from spread
{%- endmacro %}
