{#- A JSON object of gender (male, female, uncategorized) to age to weight as a Map with keys M_13-17 to F_65+ and,
    where the gender is not known, U_. YouTube writes an age as age13-17 and the last one as age65-. Other ages are left
    out. -#}
{% macro parse_age_groups(column) -%}
    cast(
        arrayFilter(
            pair -> substring(pair.1, 3) in ('{{ list_ages() | join("', '") }}'),
            arrayConcat(
                {%- for gender, letter in {'male': 'M', 'female': 'F', 'uncategorized': 'U'}.items() %}
                arrayMap(
                    pair -> (
                        concat('{{ letter }}_', replaceOne(replaceOne(lower(pair.1), 'age', ''), '65-', '65+')), pair.2
                    ),
                    cast({{ parse_weights(column, gender) | indent(12) }}, 'Array(Tuple(String, Float64))')
                ){{ ',' if not loop.last }}
                {%- endfor %}
            )
        ),
        'Map(String, Float64)'
    )
{%- endmacro %}
