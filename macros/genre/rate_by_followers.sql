{#- Engagement of a post by its author's followers, a fraction that may exceed 1: NULL when either is unknown, there are
    no followers, or the engagement exceeds the plays or views above 0, as in a rated post of build_account_series. -#}
{% macro rate_by_followers(engagement, views, followers) -%}
    if({{ views }} > 0 and {{ engagement }} > {{ views }}, null, {{ divide(engagement, followers) }})
{%- endmacro %}
