{#- When a row of the product's database was made. A moment that cannot be is counted, and the row's last change stands
    for it: no row was made later. -#}
{% macro created_at(feed) -%}
    coalesce({{ clean_time(feed ~ '.created_at') }}, {{ feed }}.updated_at)
{%- endmacro %}
