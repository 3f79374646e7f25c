{#- The peer groups of a platform as account marts join them. -#}
{% macro select_peer_groups(platform) -%}
select
    group_key as peer_group_key,
    p40 as peer_p40,
    p60 as peer_p60,
    p75 as peer_p75,
    p90 as peer_p90,
    mean as peer_mean
from {{ ref('mart_profile_group_metrics') }}
where platform = '{{ platform }}'
{%- endmacro %}
