{#- The averages of an account summary, once: name, averaged column, and the scope whose recent posts count
    (all, reels, static). Each has a twin with the suffix _trimmed. -#}
{% macro list_summary_averages() -%}
    {%- set averages = [] -%}
    {%- for scope, prefix, columns in [
        ('all', '', ['likes', 'comments', 'reach', 'impressions']),
        ('reels', 'reels_', ['likes', 'comments', 'views', 'plays', 'reach', 'impressions']),
        ('static', 'static_', ['likes', 'comments', 'reach', 'impressions']),
    ] -%}
        {%- for column in columns -%}
            {%- do averages.append({'name': prefix ~ 'avg_' ~ column, 'column': column, 'scope': scope}) -%}
        {%- endfor -%}
        {%- for column in ['engagement_ratio', 'engagement_by_reach_ratio'] -%}
            {%- do averages.append({'name': prefix ~ column, 'column': column, 'scope': scope}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(averages) }}
{%- endmacro %}
