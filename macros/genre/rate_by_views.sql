{#- Engagement of a post by its plays or views, a fraction: NULL when either is unknown, the views are 0, or the
    engagement exceeds them, because nobody likes what nobody saw: one of the counters is wrong. -#}
{% macro rate_by_views(engagement, views) -%}
    if({{ engagement }} <= {{ views }}, {{ divide(engagement, views) }}, null)
{%- endmacro %}
