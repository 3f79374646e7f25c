{#- One of the row's documents of weights holds what is no weight (parse_weights): below zero, too great, a word. Where
    the name says gender_age, the weights stand one level deeper. -#}
{% macro is_any_weight_impossible(columns) -%}
    arrayExists(
        weight -> not ifNull(toFloat64OrNull(trimBoth(weight.2)) between 0 and {{ greatest_count() }}, false),
        arrayConcat(
            {%- for column in columns %}
            {%- set outer = loop %}
            {%- for member in (['male', 'female', 'uncategorized'] if 'gender_age' in column else [none]) %}
            JSONExtractKeysAndValues({{ mend_json('ifNull(feed.' ~ column ~ ", '')") }}{% if member %}, '{{ member }}'{% endif %}, 'String')
            {{- ',' if not (outer.last and loop.last) }}
            {%- endfor %}
            {%- endfor %}
        )
    )
{%- endmacro %}
