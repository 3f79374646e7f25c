{#- What the campaign posts of each account brought and cost, one row per account_id of the relation `posts`, whose rows
    are those of select_campaign_deliverables. Costs per result and rates are over the posts that know both sides. -#}
{% macro summarise_campaigns(posts) -%}
select
    account_id,
    uniqExact(campaign_id) as campaigns,
    uniqExactIf(campaign_id, clicks > 0) as campaigns_with_clicks,
    count() as posts,
    count(cost) as priced_posts,
    {%- for measure in ['cost', 'engagement', 'views'] %}
    {{ sum_counts(measure) }} as total_{{ measure }},
    {%- endfor %}
    {%- for measure in ['reach', 'impressions', 'clicks', 'orders'] %}
    sum({{ measure }}) as total_{{ measure }},
    {%- endfor %}
    1000 * {{ ratio_of_sums('cost', 'impressions') }} as cpm,
    {{ ratio_of_sums('cost', 'views') }} as cpv,
    {{ ratio_of_sums('cost', 'clicks') }} as cpc,
    {{ ratio_of_sums('cost', 'orders') }} as cpo,
    {{ ratio_of_sums('cost', 'reach') }} as cpr,
    {{ ratio_of_sums('cost', 'engagement') }} as cpe,
    {{ ratio_of_sums('clicks', 'impressions') }} as click_through_ratio,
    {{ ratio_of_sums('clicks', 'reach') }} as clicks_by_reach_ratio,
    {{ ratio_of_sums('clicks', 'orders') }} as clicks_per_order
from {{ posts }}
where account_id is not null
group by account_id
{%- endmacro %}
