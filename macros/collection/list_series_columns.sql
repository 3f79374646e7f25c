{#- The columns of the collection post series, in the order of their contract. -#}
{% macro list_series_columns() -%}
    {%- do return(
        ['collection_id', 'collection_type', 'platform', 'post_shortcode', 'profile_id', 'share_id', 'handle',
            'profile_name', 'post_type', 'title', 'post_link', 'thumbnail_url', 'followers']
        + list_post_counters()
        + ['engagement', 'measured_reach', 'measured_impressions', 'reach', 'impressions', 'clicks',
            'engagement_by_reach_ratio', 'engagement_by_followers_ratio', 'reach_is_estimated',
            'impressions_is_estimated', 'is_imputed', 'crosses_definition_change', 'date', 'published_at', 'last_event_at']
    ) -%}
{%- endmacro %}
