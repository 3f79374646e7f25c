{#- The projection by which mart_youtube_account_activity finds the videos of a channel. -#}
{% macro project_by_channel() -%}
    {{- return({
        'name': 'by_channel',
        'query': 'select channel_id, shortcode order by cityHash64(channel_id)) with settings (index_granularity = 256',
    }) -}}
{%- endmacro %}
