{#- The clause that ends a select and leaves one row per key: the one with the greatest version, ties by the further
    columns (give enough of them to make the order total, so that a row does not depend on the order of delivery).
    A sort and `limit 1 by` instead of a window: both spill to disk. -#}
{% macro keep_latest(key, version, ties=[]) -%}
    {%- set keys = [key] if key is string else key -%}
    order by {{ keys | join(', ') }}, {{ version }} desc
    {%- for tie in ties %}, {{ tie }} desc{% endfor %}
    limit 1 by {{ keys | join(', ') }}
{%- endmacro %}
