{#- A Map of weights under new names: an SQL expression of `name`. The weights of names that become equal are added;
    names that become NULL or empty are left out. -#}
{% macro pool_names(weights, name) -%}
    mapFilter(
        (pooled, weight) -> pooled != '',
        cast(
            arrayReduce(
                'sumMap',
                [arrayMap(name -> ifNull({{ name }}, ''), mapKeys({{ weights }}))],
                [mapValues({{ weights }})]
            ),
            'Map(String, Float64)'
        )
    )
{%- endmacro %}
