{#- Of a Map of weights the names that are a gender (M_ or F_) and one of our ages. -#}
{% macro keep_age_groups(weights) -%}
    mapFilter(
        (name, weight) -> match(name, '^[MF]_') and substring(name, 3) in ('{{ list_ages() | join("', '") }}'),
        {{ weights }}
    )
{%- endmacro %}
